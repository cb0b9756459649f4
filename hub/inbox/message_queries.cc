#include <algorithm>

#include "hub/inbox/inbox_queries.h"
#include "hub/inbox/query.h"
#include "hub/inbox/tags.h"

namespace signalbox {
namespace {

constexpr std::string_view kSelect =
    "SELECT m.id, m.account, c.channel, m.direction, m.type, m.text, m.external_id, m.conversation, "
    "m.person, m.status,"
    " m.created_at, m.content, m.in_reply_to, m.author, m.seq, m.error, m.provider_at, m.edited_at, "
    "m.deleted_at,"
    " m.request FROM messages m JOIN conversations c ON c.id = m.conversation WHERE TRUE";

constexpr std::string_view kTraits =
    "SELECT urgency, visibility, reply_to, forwarded_from, starred, pinned, deleted_scope FROM messages "
    "WHERE id "
    "= $1";
constexpr std::string_view kAttachments =
    "SELECT kind, mime, filename, size, state, blob, error, source FROM attachments WHERE message = $1 ORDER "
    "BY ordinal";
constexpr std::string_view kMailboxes =
    "SELECT account, folder, is_seen FROM mail_locations WHERE message = $1 ORDER BY account, folder, uid";
constexpr std::string_view kReactions =
    "SELECT actor, emoji, actor_kind FROM reactions WHERE message = $1 ORDER BY actor";

void putTime(Json& out, const char* key, const Row& row, std::size_t column) {
    if (!row.isNull(column)) out[key] = toRfc3339(fromMicros(row.integer(column)));
}

Json messageJson(const Row& row, const Accounts& accounts) {
    const auto account = accounts.byId(row.integer(1));
    Json out = {{"id", idText(kMessageId, row.integer(0))},
                {"account", account ? account->name : ""},
                {"channel", row.text(2)},
                {"direction", row.text(3)},
                {"type", row.text(4)},
                {"text", row.text(5)},
                {"external_id", row.isNull(6) ? Json(nullptr) : Json(row.text(6))},
                {"conversation_id", idText(kConversationId, row.integer(7))},
                {"person_id", row.integer(8) == 0 ? Json(nullptr) : Json(idText(kPersonId, row.integer(8)))},
                {"status", row.text(9)},
                {"created_at", toRfc3339(fromMicros(row.integer(10)))},
                {"author", row.text(13)},
                {"seq", row.integer(14)}};
    out["content"] = parseJson(row.text(11)).ok() ? *parseJson(row.text(11)) : Json::object();
    if (!row.text(12).empty()) out["in_reply_to"] = row.text(12);
    if (const auto error = parseJson(row.text(15))) out["error"] = *error;
    putTime(out, "provider_time", row, 16);
    putTime(out, "edited_at", row, 17);
    putTime(out, "deleted_at", row, 18);
    if (!row.isNull(19)) out["request_id"] = idText(kRequestId, row.integer(19));
    out["attachments"] = Json::array();
    out["reactions"] = Json::array();
    return out;
}

Json attachmentJson(const Row& row) {
    Json one = {{"kind", row.text(0)},    {"mime", row.text(1)},  {"filename", row.text(2)},
                {"size", row.integer(3)}, {"state", row.text(4)}, {"sha256", row.text(5)}};
    if (!row.text(6).empty()) one["error"] = row.text(6);
    if (const auto source = parseJson(row.text(7))) {
        if (!textAt(*source, "caption").empty()) one["caption"] = textAt(*source, "caption");
        if (flagAt(*source, "is_voice")) one["is_voice"] = true;
    }
    return one;
}

Json reactionJson(const Row& row) {
    const std::string& kind = row.text(2);
    const Id actor = row.integer(0);
    Json one = {{"emoji", row.text(1)}};
    if (kind == "person") one["person_id"] = idText(kPersonId, actor);
    if (kind == "user") one["user_id"] = idText(kUserId, actor);
    return one;
}

// What our side made of it. Who deleted it for everyone wants its words gone from every screen.
// Flags and tags are the team's own.
void addTraits(Reader& reader, const Visibility& view, Id message, Json& item) {
    const Rows rows = reader.query(kTraits, {message});
    if (rows.empty()) return;
    const Row& row = rows[0];
    item["urgency"] = row.text(0);
    item["visibility"] = row.text(1);
    if (!row.isNull(2)) item["reply_to"] = idText(kMessageId, row.integer(2));
    if (!row.isNull(3)) item["forwarded_from"] = idText(kMessageId, row.integer(3));
    if (view.seesNotes()) {
        if (row.integer(4) != 0) item["starred"] = true;
        if (row.integer(5) != 0) item["pinned"] = true;
        if (const Json tags = tagsOf(reader, "message", message); !tags.empty()) item["tags"] = tags;
    }
    if (row.text(6) != "everyone") return;
    item["text"] = "";
    item["content"] = Json::object();
    item["attachments"] = Json::array();
    item["deleted_for"] = "everyone";
}

// Attachments and reactions, by the primary key of each message of a page.
void addDetails(Reader& reader, const Visibility& view, const Rows& rows, Json& items) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Id message = rows[i].integer(0);
        for (const Row& row : reader.query(kAttachments, {message})) {
            items[i]["attachments"].push_back(attachmentJson(row));
        }
        for (const Row& row : reader.query(kReactions, {message})) {
            items[i]["reactions"].push_back(reactionJson(row));
        }
        addTraits(reader, view, message, items[i]);
    }
}

Json deliveriesOf(Reader& reader, Id message) {
    Json out = Json::array();
    for (const Row& row :
         reader.query("SELECT recipient, state, code, text, changed_at FROM deliveries WHERE message = $1"
                      " ORDER BY recipient",
                      {message})) {
        out.push_back({{"recipient", row.text(0)},
                       {"state", row.text(1)},
                       {"code", row.text(2)},
                       {"text", row.text(3)},
                       {"changed_at", toRfc3339(fromMicros(row.integer(4)))}});
    }
    return out;
}

// The row without a name is the message as a whole. Where the recipients have rows of their own, `status`
// says the same; where a mail has one recipient it is his.
Json deliveriesShown(Reader& reader, Id message, const Json& content) {
    Json rows = deliveriesOf(reader, message);
    if (rows.size() > 1 && textAt(rows[0], "recipient").empty()) rows.erase(rows.begin());
    const Json& to = memberAt(content, "to");
    const bool has_one =
        to.is_array() && to.size() == 1 && !content.contains("cc") && !content.contains("bcc");
    if (has_one && rows.size() == 1 && textAt(rows[0], "recipient").empty())
        rows[0]["recipient"] = textAt(to[0], "address");
    return rows;
}

Json historyOf(Reader& reader, Id message) {
    Json out = Json::array();
    for (const Row& row :
         reader.query("SELECT recipient, state, provider_at, code, text FROM delivery_history"
                      " WHERE message = $1 ORDER BY received_at, provider_at",
                      {message})) {
        out.push_back({{"recipient", row.text(0)},
                       {"state", row.text(1)},
                       {"at", toRfc3339(fromMicros(row.integer(2)))},
                       {"code", row.text(3)},
                       {"text", row.text(4)}});
    }
    return out;
}

// A conversation is read in the order of its times, which is that of the numbers except where mail was
// fetched late (a backfill goes folder by folder). The cursor names the last message all the same.
PageRequest inTime(Reader& reader, PageRequest page) {
    if (page.before == 0) return page;
    const Rows rows = reader.query("SELECT created_at FROM messages WHERE id = $1", {page.before});
    page.before_value = rows.empty() ? toMicros(idTime(page.before)) : rows[0].integer(0);
    return page;
}

// A mail lies in each mailbox that it was written to, and belongs to the one that it was fetched from first.
void whereIn(Query& query, const Accounts& accounts, const MessageFilter& filter) {
    const auto account = accounts.byId(filter.account);
    if (!account || account->channel != "email" || !filter.external_id.empty())
        return query.whereId("m.account =", filter.account);
    const std::string at = query.bind(filter.account);
    query.add("(m.account = " + at +
              " OR EXISTS (SELECT 1 FROM mail_locations l WHERE l.message = m.id AND l.account = " + at +
              "))");
}

// Where its copies lie, in the mailboxes that the caller may know of.
Json mailboxesOf(Reader& reader, const Visibility& view, const Accounts& accounts, Id message) {
    Json out = Json::array();
    for (const Row& row : reader.query(kMailboxes, {message})) {
        const auto account = accounts.byId(row.integer(0));
        if (!account || account->org != view.org() || !view.mayUse(*account)) continue;
        out.push_back(
            {{"account", account->name}, {"folder", row.text(1)}, {"is_seen", row.integer(2) != 0}});
    }
    return out;
}

}  // namespace

PageOfItems listMessages(Store& store, const Accounts& accounts, const Visibility& view,
                         const MessageFilter& filter, const PageRequest& page) {
    PageOfItems result;
    store.read([&](Reader& reader) {
        // An external id is unique for its account: naming the accounts lets the database use that index.
        const bool needs_accounts = !filter.external_id.empty() && filter.account == 0;
        Query query{std::string(kSelect) +
                    (needs_accounts ? " AND m.account IN (SELECT id FROM accounts)" : "")};
        query.whereVisible([&](auto& values) { return view.messages("m", "c", values); });
        whereIn(query, accounts, filter);
        query.whereId("m.conversation =", filter.conversation);
        query.whereId("m.person =", filter.person);
        query.whereText("m.direction =", filter.direction);
        query.whereText("c.channel =", filter.channel);
        query.whereText("m.status =", filter.status);
        query.whereText("m.external_id =", filter.external_id);
        query.whereText("m.type =", filter.type);
        query.whereText("m.urgency =", filter.urgency);
        if (filter.reader != 0)
            query.where("NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.message = m.id AND h.reader =",
                        filter.reader, ")");
        if (filter.mentioned != 0)
            query.where("m.id IN (SELECT message FROM mentions WHERE user_id =", filter.mentioned, ")");
        if (!filter.tag.empty()) whereTagged(query, "message", "m.id", view.org(), filter.tag);
        if (!filter.object_id.empty()) whereAbout(query, view.org(), filter.object_kind, filter.object_id);
        if (filter.is_for_clients)
            query.add("m.visibility = 'client' AND m.direction NOT IN ('internal', 'activity')");
        const std::string pattern = containsPattern(filter.text);
        if (!filter.text.empty())
            query.where("LOWER(m.text) LIKE LOWER(", std::string_view(pattern), ") ESCAPE '\\'");
        Rows rows = filter.conversation == 0
                        ? query.page(reader, "m.id", page)
                        : query.pageBy(reader, "m.created_at", "m.id", inTime(reader, page));
        result.next = cutPage(rows, page);
        for (const Row& row : rows) result.items.push_back(messageJson(row, accounts));
        addDetails(reader, view, rows, result.items);
    });
    return result;
}

std::optional<Json> findMessage(Store& store, const Accounts& accounts, const Visibility& view, Id message) {
    std::optional<Json> found;
    store.read([&](Reader& reader) {
        Query query{std::string(kSelect)};
        query.whereVisible([&](auto& values) { return view.messages("m", "c", values); });
        query.whereId("m.id =", message);
        const Rows rows = query.page(reader, "m.id", {0, 1, {}});
        if (rows.empty()) return;
        Json items = Json::array({messageJson(rows[0], accounts)});
        addDetails(reader, view, rows, items);
        found = std::move(items[0]);
        if (textAt(*found, "channel") == "email" && !view.isOwnOnly())
            (*found)["mailboxes"] = mailboxesOf(reader, view, accounts, message);
        (*found)["deliveries"] = deliveriesShown(reader, message, memberAt(*found, "content"));
        (*found)["history"] = historyOf(reader, message);
        (*found)["edits"] = Json::array();
        (*found)["revision"] = 1;
        if (found->contains("deleted_for")) return;  // the words before an edit are gone as well
        for (const Row& row :
             reader.query("SELECT version, text, edited_at FROM edits WHERE message = $1 ORDER BY version",
                          {message})) {
            (*found)["edits"].push_back({{"version", row.integer(0)},
                                         {"text", row.text(1)},
                                         {"edited_at", toRfc3339(fromMicros(row.integer(2)))}});
        }
        (*found)["revision"] = (*found)["edits"].size() + 1;
    });
    return found;
}

}  // namespace signalbox
