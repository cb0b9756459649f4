#include "hub/inbox/object_links.h"

#include <algorithm>
#include <limits>

#include "hub/inbox/query.h"

namespace signalbox {
namespace {

// The kinds of hub/work have ids of their own; their rows are in one table.
constexpr std::pair<std::string_view, std::string_view> kKinds[] = {{"conversation", kConversationId},
                                                                    {"person", kPersonId},
                                                                    {"message", kMessageId},
                                                                    {"ticket", "tkt"},
                                                                    {"task", "tsk"},
                                                                    {"lead", "led"},
                                                                    {"call", "cal"}};

constexpr std::string_view kLink =
    "INSERT INTO object_links (org, object_kind, object_id, subject_kind, subject, linked_by, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (org, object_kind, object_id, subject_kind, subject) DO NOTHING";
constexpr std::string_view kUnlink =
    "DELETE FROM object_links WHERE org = $1 AND object_kind = $2 AND object_id = $3 AND subject_kind = $4"
    " AND subject = $5";
constexpr std::string_view kLinks =
    "SELECT subject_kind, subject, linked_by, created_at FROM object_links WHERE org = $1 AND object_kind = "
    "$2"
    " AND object_id = $3 ORDER BY created_at, subject LIMIT 1000";
constexpr std::string_view kWork =
    "SELECT w.id, w.kind, w.number, w.title, w.status, w.created_at FROM work_items w WHERE w.org = $1"
    " AND w.id < $2 AND EXISTS (SELECT 1 FROM object_links l WHERE l.org = $1 AND l.object_kind = $3"
    " AND l.object_id = $4 AND l.subject = w.id AND l.subject_kind = w.kind) AND ";

std::string_view prefixOf(std::string_view kind) {
    for (const auto& [name, prefix] : kKinds)
        if (name == kind) return prefix;
    return "obj";
}

bool isThere(Reader& reader, Id org, const Linked& subject) {
    const auto has = [&](std::string_view sql) { return !reader.query(sql, {subject.id, org}).empty(); };
    if (subject.kind == "conversation") return has("SELECT 1 FROM conversations WHERE id = $1 AND org = $2");
    if (subject.kind == "person") return has("SELECT 1 FROM people WHERE id = $1 AND org = $2");
    if (subject.kind == "message") return has("SELECT 1 FROM messages WHERE id = $1 AND org = $2");
    return !reader
                .query("SELECT 1 FROM work_items WHERE id = $1 AND org = $2 AND kind = $3",
                       {subject.id, org, subject.kind})
                .empty();
}

// Where an event about the link belongs.
Id conversationOf(Reader& reader, const Linked& subject) {
    if (subject.kind == "conversation") return subject.id;
    if (subject.kind == "person") return 0;
    const char* sql = subject.kind == "message"
                          ? "SELECT conversation FROM messages WHERE id = $1"
                          : "SELECT COALESCE(conversation, 0) FROM work_items WHERE id = $1";
    const Rows rows = reader.query(sql, {subject.id});
    return rows.empty() ? 0 : rows[0].integer(0);
}

// Whose affair it is: that of the conversation, or of the mailbox that alone knows the person. 0:
// everybody's.
Id accountOf(Reader& reader, const Linked& subject, Id conversation) {
    const bool is_person = subject.kind == "person";
    const Rows rows = is_person
                          ? reader.query("SELECT scope FROM people WHERE id = $1", {subject.id})
                          : reader.query("SELECT account FROM conversations WHERE id = $1", {conversation});
    return rows.empty() ? 0 : rows[0].integer(0);
}

void tell(Tx& tx, EventLog& log, const Actor& by, std::string_view type, const ObjectName& object,
          const Linked& subject) {
    const std::string payload = dumpJson({{"object", {{"kind", object.kind}, {"id", object.id}}},
                                          {"subject_kind", subject.kind},
                                          {"subject_id", idText(prefixOf(subject.kind), subject.id)},
                                          {"by", by.name}});
    const Id conversation = conversationOf(tx, subject);
    log.append(tx, {by.org, type, accountOf(tx, subject, conversation), conversation, payload});
}

}  // namespace

bool maySeeLinked(Reader& reader, const Visibility& view, const Linked& subject) {
    if (subject.kind == "conversation") return view.maySee(reader, subject.id);
    if (subject.kind == "message") return view.maySee(reader, conversationOf(reader, subject));
    if (subject.kind == "person" && view.seesAllConversations()) return view.maySeePerson(reader, subject.id);
    if (!view.seesAllConversations()) return false;
    std::vector<Value> values{subject.id};
    const std::string sql = "SELECT 1 FROM work_items w WHERE w.id = $1 AND " + view.workItems("w", values);
    return !reader.query(sql, std::span<const Value>(values)).empty();
}

Status checkObject(const ObjectName& object) {
    const bool is_kind =
        !object.kind.empty() && object.kind.size() <= 50 &&
        object.kind.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
    if (!is_kind)
        return Error{ErrorKind::Invalid, "kind: 1 to 50 of a-z 0-9 _ -, like project", {}, "invalid_request"};
    if (object.id.empty() || object.id.size() > 200)
        return Error{ErrorKind::Invalid, "id: 1 to 200 bytes", {}, "invalid_request"};
    return Done{};
}

std::optional<Linked> readLinked(std::string_view id) {
    for (const auto& [kind, prefix] : kKinds)
        if (const auto found = parseId(prefix, id)) return Linked{std::string(kind), *found};
    return std::nullopt;
}

Status linkObject(Tx& tx, EventLog& log, const Actor& by, const ObjectName& object, const Linked& subject,
                  TimePoint now) {
    if (!isThere(tx, by.org, subject))
        return Error{ErrorKind::NotFound, "no such " + subject.kind, {}, "not_found"};
    if (tx.exec(kLink, {by.org, object.kind, object.id, subject.kind, subject.id, by.name, toMicros(now)}) >
        0)
        tell(tx, log, by, "object.linked", object, subject);
    return Done{};
}

Status unlinkObject(Tx& tx, EventLog& log, const Actor& by, const ObjectName& object, const Linked& subject) {
    if (tx.exec(kUnlink, {by.org, object.kind, object.id, subject.kind, subject.id}) == 0)
        return Error{ErrorKind::NotFound, "it is not linked to this object", {}, "not_found"};
    tell(tx, log, by, "object.unlinked", object, subject);
    return Done{};
}

Json listLinks(Store& store, const Visibility& view, const ObjectName& object) {
    Json items = Json::array();
    store.read([&](Reader& reader) {
        for (const Row& row : reader.query(kLinks, {view.org(), object.kind, object.id})) {
            const Linked subject{row.text(0), row.integer(1)};
            if (!maySeeLinked(reader, view, subject)) continue;
            items.push_back({{"subject_kind", subject.kind},
                             {"subject_id", idText(prefixOf(subject.kind), subject.id)},
                             {"by", row.text(2)},
                             {"created_at", toRfc3339(fromMicros(row.integer(3)))}});
        }
    });
    return items;
}

Json objectsOf(Reader& reader, Id org, const Linked& subject) {
    Json items = Json::array();
    for (const Row& row :
         reader.query("SELECT object_kind, object_id, linked_by, created_at FROM object_links WHERE"
                      " subject_kind = $1 AND subject = $2 AND org = $3 ORDER BY created_at LIMIT 200",
                      {subject.kind, subject.id, org})) {
        items.push_back({{"kind", row.text(0)},
                         {"id", row.text(1)},
                         {"by", row.text(2)},
                         {"created_at", toRfc3339(fromMicros(row.integer(3)))}});
    }
    return items;
}

PageOfItems listTimeline(Store& store, const Accounts& accounts, const Visibility& view,
                         const ObjectName& object, bool is_for_clients, const PageRequest& page) {
    MessageFilter filter;
    filter.object_kind = object.kind;
    filter.object_id = object.id;
    filter.is_for_clients = is_for_clients;
    PageOfItems messages = listMessages(store, accounts, view, filter, page);
    std::vector<std::pair<Id, Json>> all;
    for (Json& message : messages.items) {
        const Id id = parseId(kMessageId, textAt(message, "id")).value_or(0);
        message["message_type"] = message["type"];
        message["type"] = "message";
        all.emplace_back(id, std::move(message));
    }
    const Id oldest = messages.next ? all.back().first : 0;  // below it messages are not known yet
    bool is_more = messages.next.has_value();
    if (view.seesAllConversations() && !is_for_clients) {
        store.read([&](Reader& reader) {
            const Id before = page.before == 0 ? std::numeric_limits<Id>::max() : page.before;
            std::vector<Value> values{view.org(), before, std::string_view(object.kind),
                                      std::string_view(object.id)};
            const std::string sql = std::string(kWork) + view.workItems("w", values) +
                                    " ORDER BY w.id DESC LIMIT " + std::to_string(page.limit + 1);
            const Rows rows = reader.query(sql, std::span<const Value>(values));
            for (const Row& row : rows) {
                if (row.integer(0) < oldest) break;
                all.emplace_back(row.integer(0), Json{{"type", row.text(1)},
                                                      {"id", idText(prefixOf(row.text(1)), row.integer(0))},
                                                      {"number", row.integer(2)},
                                                      {"title", row.text(3)},
                                                      {"status", row.text(4)},
                                                      {"created_at", toRfc3339(fromMicros(row.integer(5)))}});
            }
        });
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    if (all.size() > page.limit) {
        all.resize(page.limit);
        is_more = true;
    }
    PageOfItems result;
    if (is_more && !all.empty()) result.next = all.back().first;
    for (auto& [id, item] : all) result.items.push_back(std::move(item));
    return result;
}

}  // namespace signalbox
