#include "hub/inbox/desk_queries.h"

#include "hub/inbox/tags.h"

namespace signalbox {
namespace {

constexpr std::string_view kDetails =
    "SELECT kind, priority, assignee, team, snoozed_until, starred, pinned, archived, merged_into, revision"
    " FROM conversations WHERE id = $1";
// Of the reader's own mark and the mailbox's (mailbox_mark.h, reader 0) the later one counts.
// Counting stops at a thousand: «more than that» is all a person wants to know.
constexpr std::string_view kUnread =
    "SELECT COUNT(*) FROM (SELECT 1 FROM messages WHERE conversation = $1 AND seq > COALESCE((SELECT "
    "MAX(seq) FROM"
    " read_marks WHERE reader IN ($2, 0) AND conversation = $1), 0) AND direction = 'in' LIMIT 1000) unread";

Json idOrNull(std::string_view prefix, const Row& row, std::size_t column) {
    return row.isNull(column) ? Json(nullptr) : Json(idText(prefix, row.integer(column)));
}

std::int64_t addDetails(Reader& reader, const Visibility& view, Id who, Json& conversation) {
    const Id id = parseId(kConversationId, textAt(conversation, "id")).value_or(0);
    const Rows rows = reader.query(kDetails, {id});
    if (rows.empty()) return 0;
    const Row& row = rows[0];
    conversation["kind"] = row.text(0);
    conversation["unread_count"] = reader.query(kUnread, {id, who}).at(0).integer(0);
    if (!row.isNull(8)) conversation["merged_into"] = idText(kConversationId, row.integer(8));
    if (view.seesNotes()) {
        conversation["priority"] = row.text(1);
        conversation["assignee_id"] = idOrNull(kUserId, row, 2);
        conversation["team_id"] = idOrNull(kTeamId, row, 3);
        conversation["snoozed_until"] =
            row.isNull(4) ? Json(nullptr) : Json(toRfc3339(fromMicros(row.integer(4))));
        conversation["starred"] = row.integer(5) != 0;
        conversation["pinned"] = row.integer(6) != 0;
        conversation["archived"] = row.integer(7) != 0;
        conversation["tags"] = tagsOf(reader, "conversation", id);
    }
    conversation["revision"] = row.integer(9);
    return row.integer(9);
}

}  // namespace

std::int64_t addDeskDetails(Store& store, const Visibility& view, Id reader, Json& conversation) {
    std::int64_t revision = 0;
    store.read([&](Reader& rows) { revision = addDetails(rows, view, reader, conversation); });
    return revision;
}

void addDeskDetailsToAll(Store& store, const Visibility& view, Id reader, Json& conversations) {
    store.read([&](Reader& rows) {
        for (Json& conversation : conversations) addDetails(rows, view, reader, conversation);
    });
}

Json countWaiting(Store& store, const Visibility& view, Id user, Id reader) {
    Json counts = Json::object();
    store.read([&](Reader& rows) {
        // $1 is the user, $2 the reader.
        const auto count = [&](const char* name, const std::string& select) {
            std::vector<Value> values{user, reader};
            const std::string seen = view.conversations("c", values);
            counts[name] =
                rows.query("SELECT COUNT(*) FROM (" + select + " AND " + seen + " LIMIT 1000) waiting",
                           std::span<const Value>(values))
                    .at(0)
                    .integer(0);
        };
        const std::string open =
            "SELECT 1 FROM conversations c WHERE $1 = $1 AND $2 = $2 AND c.archived = 0 AND c.status = 'open'"
            " AND c.kind = 'external'";
        count("open", open);
        count("unassigned", open + " AND c.assignee IS NULL");
        count("mine", open + " AND c.assignee = $1");
        count("snoozed", "SELECT 1 FROM conversations c WHERE $1 = $1 AND $2 = $2 AND c.status = 'snoozed'");
        count(
            "unread",
            open +
                " AND EXISTS (SELECT 1 FROM messages u WHERE u.conversation = c.id AND u.direction = 'in' AND"
                " u.seq > COALESCE((SELECT MAX(k.seq) FROM read_marks k WHERE k.conversation = c.id AND"
                " k.reader IN ($2, 0)), 0))");
        count("mentions",
              "SELECT 1 FROM mentions n JOIN messages m ON m.id = n.message JOIN conversations c"
              " ON c.id = m.conversation WHERE n.user_id = $1 AND"
              " m.seq > COALESCE((SELECT k.seq FROM read_marks k WHERE k.conversation = m.conversation AND"
              " k.reader = $2), 0)");
    });
    return counts;
}

Json listMembers(Store& store, Id conversation) {
    Json items = Json::array();
    store.read([&](Reader& reader) {
        for (const Row& row :
             reader.query("SELECT m.kind, m.member, m.role, m.added_by, m.created_at, COALESCE(u.name, "
                          "p.display_name, '')"
                          " FROM members m LEFT JOIN users u ON m.kind = 'user' AND u.id = m.member"
                          " LEFT JOIN people p ON m.kind = 'person' AND p.id = m.member"
                          " WHERE m.conversation = $1 ORDER BY m.created_at, m.member",
                          {conversation})) {
            items.push_back({{"kind", row.text(0)},
                             {"id", idText(row.text(0) == "user" ? kUserId : kPersonId, row.integer(1))},
                             {"role", row.text(2)},
                             {"name", row.text(5)},
                             {"added_by", row.text(3)},
                             {"created_at", toRfc3339(fromMicros(row.integer(4)))}});
        }
    });
    return items;
}

Json listReads(Store& store, Id message) {
    Json items = Json::array();
    store.read([&](Reader& reader) {
        for (const Row& row :
             reader.query("SELECT reader_name, read_at FROM message_reads WHERE message = $1 ORDER BY read_at"
                          " LIMIT 1000",
                          {message}))
            items.push_back({{"by", row.text(0)}, {"read_at", toRfc3339(fromMicros(row.integer(1)))}});
    });
    return items;
}

std::optional<Draft> findDraft(Store& store, Id writer, Id conversation) {
    std::optional<Draft> draft;
    store.read([&](Reader& reader) {
        const Rows rows =
            reader.query("SELECT body, changed_at FROM drafts WHERE writer = $1 AND conversation = $2",
                         {writer, conversation});
        if (rows.empty()) return;
        const auto body = parseJson(rows[0].text(0));
        draft = Draft{body ? *body : Json::object(), fromMicros(rows[0].integer(1))};
    });
    return draft;
}

Json listDrafts(Store& store, Id org, Id writer) {
    Json items = Json::array();
    store.read([&](Reader& reader) {
        for (const Row& row :
             reader.query("SELECT conversation, body, changed_at FROM drafts WHERE writer = $1 AND org = $2"
                          " ORDER BY changed_at DESC LIMIT 200",
                          {writer, org})) {
            const auto body = parseJson(row.text(1));
            items.push_back({{"conversation_id", idText(kConversationId, row.integer(0))},
                             {"body", body ? *body : Json::object()},
                             {"changed_at", toRfc3339(fromMicros(row.integer(2)))}});
        }
    });
    return items;
}

void saveDraft(Tx& tx, Id org, Id writer, Id conversation, const std::string& body, TimePoint now) {
    tx.exec(
        "INSERT INTO drafts (writer, conversation, org, body, changed_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (writer, conversation) DO UPDATE SET body = $4, changed_at = $5",
        {writer, conversation, org, body, toMicros(now)});
}

bool removeDraft(Tx& tx, Id writer, Id conversation) {
    return tx.exec("DELETE FROM drafts WHERE writer = $1 AND conversation = $2", {writer, conversation}) > 0;
}

}  // namespace signalbox
