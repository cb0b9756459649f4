#include <algorithm>

#include "hub/inbox/inbox_queries.h"
#include "hub/inbox/query.h"

namespace signalbox {
namespace {

constexpr std::string_view kSelectConversation =
    "SELECT c.id, c.account, c.channel, c.thread_key, c.person, c.peer_kind, c.peer_value, c.subject, "
    "c.status, c.last_seq,"
    " c.last_inbound_at, c.last_message_at, c.created_at, p.display_name, CASE c.priority WHEN 'urgent' THEN "
    "2"
    " WHEN 'high' THEN 1 ELSE 0 END FROM conversations c LEFT JOIN people p "
    "ON p.id = c.person"
    " WHERE TRUE";
constexpr std::string_view kSelectPerson =
    "SELECT p.id, p.display_name, p.created_at FROM people p WHERE TRUE";

constexpr std::string_view kLinked =
    "SELECT c.id, c.subject, l.kind, 1 FROM conversation_links l JOIN conversations c ON c.id = l.other"
    " WHERE l.conversation = $1 UNION ALL"
    " SELECT c.id, c.subject, l.kind, 0 FROM conversation_links l JOIN conversations c ON c.id = "
    "l.conversation"
    " WHERE l.other = $1 LIMIT 100";

Json timeOrNull(const Row& row, std::size_t column) {
    return row.isNull(column) ? Json(nullptr) : Json(toRfc3339(fromMicros(row.integer(column))));
}

Json conversationJson(const Row& row, const Accounts& accounts) {
    const auto account = accounts.byId(row.integer(1));
    return {
        {"id", idText(kConversationId, row.integer(0))},
        {"account", account ? account->name : ""},
        {"channel", row.text(2)},
        {"thread_key", row.text(3)},
        {"person_id", row.integer(4) == 0 ? Json(nullptr) : Json(idText(kPersonId, row.integer(4)))},
        {"person_name", row.text(13)},
        {"peer", row.text(5).empty() ? Json(nullptr) : Json{{"kind", row.text(5)}, {"value", row.text(6)}}},
        {"subject", row.text(7)},
        {"status", row.text(8)},
        {"message_count", row.integer(9)},
        {"last_inbound_at", timeOrNull(row, 10)},
        {"last_message_at", timeOrNull(row, 11)},
        {"created_at", timeOrNull(row, 12)}};
}

void whereFlag(Query& query, std::string_view column, const std::optional<bool>& flag) {
    if (flag) query.add(std::string(column) + (*flag ? " <> 0" : " = 0"));
}

void whereAssigned(Query& query, std::string_view column, Id id) {
    if (id == kNobody) query.add(std::string(column) + " IS NULL");
    if (id > 0) query.whereId(std::string(column) + " =", id);
}

// `pattern` is that of filter.text, and outlives the query.
void applyDeskFilter(Query& query, Id org, const ConversationFilter& filter, const std::string& pattern) {
    whereAssigned(query, "c.assignee", filter.assignee);
    whereAssigned(query, "c.team", filter.team);
    query.whereText("c.priority =", filter.priority);
    query.whereText("c.kind =", filter.kind);
    whereFlag(query, "c.starred", filter.starred);
    whereFlag(query, "c.pinned", filter.pinned);
    whereFlag(query, "c.archived", filter.archived);
    if (!filter.text.empty()) {
        const std::string at = query.bind(std::string_view(pattern));
        query.add("(LOWER(p.display_name) LIKE LOWER(" + at +
                  ") ESCAPE '\\' OR LOWER(c.subject) LIKE LOWER(" + at + ") ESCAPE '\\')");
    }
    if (filter.unread_by != 0) {
        query.where(
            "c.last_inbound_at IS NOT NULL AND EXISTS (SELECT 1 FROM messages u WHERE u.conversation = c.id"
            " AND u.direction = 'in' AND u.seq > COALESCE((SELECT MAX(k.seq) FROM read_marks k WHERE"
            " k.conversation = c.id AND k.reader IN (0,",
            filter.unread_by, ")), 0))");
    }
    if (filter.member != 0)
        query.where("c.id IN (SELECT m.conversation FROM members m WHERE m.kind = 'user' AND m.member =",
                    filter.member, ")");
    if (filter.mentioned != 0)
        query.where("c.id IN (SELECT conversation FROM mentions WHERE user_id =", filter.mentioned, ")");
    if (!filter.tag.empty()) whereTagged(query, "conversation", "c.id", org, filter.tag);
    if (!filter.object_id.empty())
        whereLinked(query, "conversation", "c.id", org, filter.object_kind, filter.object_id);
}

constexpr std::string_view kRank = "(CASE c.priority WHEN 'urgent' THEN 2 WHEN 'high' THEN 1 ELSE 0 END)";

Rows pageInOrder(Query& query, Reader& reader, ConversationOrder order, const PageRequest& page) {
    if (order == ConversationOrder::Activity) return query.pageBy(reader, "c.last_message_at", "c.id", page);
    if (order == ConversationOrder::Priority) return query.pageBy(reader, std::string(kRank), "c.id", page);
    return query.page(reader, "c.id", page);
}

std::int64_t sortValue(const Row& row, ConversationOrder order) {
    return row.integer(order == ConversationOrder::Activity ? 11 : 14);
}

Json identitiesOf(Reader& reader, Id org, Id person) {
    Json out = Json::array();
    for (const Row& row :
         reader.query("SELECT kind, value, first_seen_at FROM identities WHERE org = $1 AND person = $2"
                      " ORDER BY kind, value",
                      {org, person})) {
        out.push_back({{"kind", row.text(0)}, {"value", row.text(1)}, {"first_seen_at", timeOrNull(row, 2)}});
    }
    return out;
}

Json personJson(Reader& reader, Id org, const Row& row) {
    return {{"id", idText(kPersonId, row.integer(0))},
            {"name", row.text(1)},
            {"created_at", timeOrNull(row, 2)},
            {"identities", identitiesOf(reader, org, row.integer(0))}};
}

// Also those of which a mail lies in this mailbox and was fetched from another one first.
void whereIn(Query& query, const Accounts& accounts, Id wanted) {
    const auto account = accounts.byId(wanted);
    if (!account || account->channel != "email") return query.whereId("c.account =", wanted);
    const std::string at = query.bind(wanted);
    query.add("(c.account = " + at +
              " OR EXISTS (SELECT 1 FROM mails x JOIN mail_locations l ON l.message = x.message"
              " WHERE x.conversation = c.id AND l.account = " +
              at + "))");
}

// Conversations that began as an answer in this one under another subject, and the one that this began in.
Json linkedTo(Reader& reader, const Visibility& view, Id conversation) {
    Json out = Json::array();
    for (const Row& row : reader.query(kLinked, {conversation})) {
        if (!view.maySee(reader, row.integer(0))) continue;
        out.push_back({{"conversation_id", idText(kConversationId, row.integer(0))},
                       {"subject", row.text(1)},
                       {"reason", row.text(2)},
                       {"is_origin", row.integer(3) != 0}});
    }
    return out;
}

}  // namespace

PageOfItems listConversations(Store& store, const Accounts& accounts, const Visibility& view,
                              const ConversationFilter& filter, const PageRequest& page) {
    PageOfItems result;
    store.read([&](Reader& reader) {
        Query query{std::string(kSelectConversation)};
        query.whereVisible([&](auto& values) { return view.conversations("c", values); });
        whereIn(query, accounts, filter.account);
        query.whereId("c.person =", filter.person);
        query.whereText("c.status =", filter.status);
        query.whereText("c.channel =", filter.channel);
        const std::string pattern = containsPattern(filter.text);
        applyDeskFilter(query, view.org(), filter, pattern);
        Rows rows = pageInOrder(query, reader, filter.order, page);
        result.next = cutPage(rows, page);
        if (result.next && filter.order != ConversationOrder::Newest)
            result.next_value = sortValue(rows.back(), filter.order);
        for (const Row& row : rows) result.items.push_back(conversationJson(row, accounts));
    });
    return result;
}

std::optional<Json> findConversation(Store& store, const Accounts& accounts, const Visibility& view,
                                     Id conversation) {
    std::optional<Json> found;
    store.read([&](Reader& reader) {
        Query query{std::string(kSelectConversation)};
        query.whereVisible([&](auto& values) { return view.conversations("c", values); });
        query.whereId("c.id =", conversation);
        const Rows rows = query.page(reader, "c.id", {0, 1, {}});
        if (rows.empty()) return;
        found = conversationJson(rows[0], accounts);
        (*found)["linked"] = linkedTo(reader, view, conversation);
    });
    return found;
}

PageOfItems listPeople(Store& store, const Visibility& view, const std::string& text,
                       const PageRequest& page) {
    PageOfItems result;
    store.read([&](Reader& reader) {
        const std::string pattern = containsPattern(text);
        Query query{std::string(kSelectPerson) + " AND p.merged_into IS NULL"};
        query.whereVisible([&](auto& values) { return view.people("p", values); });
        if (!text.empty())
            query.where("LOWER(p.display_name) LIKE LOWER(", std::string_view(pattern), ") ESCAPE '\\'");
        Rows rows = query.page(reader, "p.id", page);
        result.next = cutPage(rows, page);
        for (const Row& row : rows) result.items.push_back(personJson(reader, view.org(), row));
    });
    return result;
}

std::optional<Json> findPerson(Store& store, const Accounts& accounts, const Visibility& view, Id person) {
    std::optional<Json> found;
    store.read([&](Reader& reader) {
        const Rows merged =
            reader.query("SELECT merged_into FROM people WHERE org = $1 AND id = $2", {view.org(), person});
        const Id id = !merged.empty() && !merged[0].isNull(0) ? merged[0].integer(0) : person;
        Query whom{std::string(kSelectPerson)};
        whom.whereVisible([&](auto& values) { return view.people("p", values); });
        whom.whereId("p.id =", id);
        const Rows rows = whom.page(reader, "p.id", {0, 1, {}});
        if (rows.empty()) return;
        found = personJson(reader, view.org(), rows[0]);
        Json conversations = Json::array();
        Query query{std::string(kSelectConversation)};
        query.whereVisible([&](auto& values) { return view.conversations("c", values); });
        query.whereId("c.person =", id);
        for (const Row& row : query.page(reader, "c.id", {0, 200, {}}))
            conversations.push_back(conversationJson(row, accounts));
        (*found)["conversations"] = std::move(conversations);
    });
    return found;
}

}  // namespace signalbox
