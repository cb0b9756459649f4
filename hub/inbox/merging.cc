#include "hub/inbox/merging.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::string_view kMergeId = "mrg";
constexpr std::string_view kMerge =
    "INSERT INTO merges (id, org, kind, kept, gone, was, merged_by, created_at)"
    " VALUES ($1, $2, 'conversation', $3, $4, $5, $6, $7)";
constexpr std::string_view kNote =
    "INSERT INTO merge_moves (merge, row_kind, row_id, name, was) VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kMoved =
    "SELECT row_id, name, was FROM merge_moves WHERE merge = $1 AND row_kind = $2 ORDER BY was";
// Numbers below zero are nobody's: with them two rows never want the same one on the way.
constexpr std::string_view kStepAside =
    "UPDATE messages SET seq = -seq - 1 WHERE conversation = $1 AND seq >= 0";
constexpr std::string_view kPlace =
    "UPDATE messages SET conversation = $1, seq = $2 WHERE id = $3 AND conversation = $4";
constexpr std::string_view kGone =
    "UPDATE conversations SET status = 'closed', is_open = 0, snoozed_until = NULL, merged_into = $1,"
    " revision = revision + 1 WHERE id = $2";
constexpr std::string_view kGrown =
    "UPDATE conversations SET last_seq = $1, last_inbound_at = $2, last_message_at = $3, revision = revision "
    "+ 1"
    " WHERE id = $4";

Error buried() {
    return {
        ErrorKind::Conflict, "it was merged into another conversation already", {}, "conversation_merged"};
}

struct Ends {
    std::int64_t last_seq = 0, last_message = 0;
    std::optional<std::int64_t> last_inbound;
};
Ends endsOf(Reader& reader, Id conversation) {
    const Row row =
        reader
            .query("SELECT last_seq, last_message_at, last_inbound_at FROM conversations WHERE id = $1",
                   {conversation})
            .at(0);
    Ends ends{row.integer(0), row.integer(1), {}};
    if (!row.isNull(2)) ends.last_inbound = row.integer(2);
    return ends;
}

Value orNull(const std::optional<std::int64_t>& number) {
    return number ? Value(*number) : Value(nullptr);
}

// Users share and take back what is theirs, merged conversations stay merged: so they are of one mailbox, or
// of accounts that are the organization's.
bool areApart(Reader& reader, Id one, Id other) {
    return !reader
                .query(
                    "SELECT 1 FROM accounts a JOIN accounts b ON b.id = $2 WHERE a.id = $1"
                    " AND a.scope <> b.scope AND (a.owner <> 0 OR b.owner <> 0)",
                    {one, other})
                .empty();
}

}  // namespace

Result<Conversation> Merging::find(Tx& tx, Id org, Id conversation) const {
    auto found = inbox_.findConversation(tx, org, conversation);
    if (!found) return Error{ErrorKind::NotFound, "no such conversation", {}, "not_found"};
    if (found->kind != "external")
        return Error{
            ErrorKind::Invalid, "with: conversations among users are not merged", {}, "invalid_request"};
    const Rows rows = tx.query("SELECT merged_into FROM conversations WHERE id = $1", {conversation});
    if (!rows.at(0).isNull(0)) return buried();
    return *found;
}

void Merging::tell(Tx& tx, const Actor& by, const Conversation& kept, std::string_view type, Id gone,
                   Id merge) {
    const std::string payload = dumpJson({{"conversation_id", idText(kConversationId, kept.id)},
                                          {"merged_id", idText(kConversationId, gone)},
                                          {"merge_id", idText(kMergeId, merge)},
                                          {"by", by.name}});
    log_.append(tx, {by.org, type, kept.account, kept.id, payload});
}

// Behind the messages that are there, in their order.
void Merging::moveMessages(Tx& tx, Id merge, Id kept, Id gone) {
    Ends ends = endsOf(tx, kept);
    const Ends added = endsOf(tx, gone);
    for (const Row& row :
         tx.query("SELECT id, seq FROM messages WHERE conversation = $1 ORDER BY seq", {gone})) {
        tx.exec(kNote,
                {merge, std::string_view("message"), row.integer(0), std::string_view(""), row.integer(1)});
        tx.exec(kPlace, {kept, ++ends.last_seq, row.integer(0), gone});
    }
    if (added.last_inbound)
        ends.last_inbound = std::max(ends.last_inbound.value_or(*added.last_inbound), *added.last_inbound);
    tx.exec(kGrown, {ends.last_seq, orNull(ends.last_inbound),
                     std::max(ends.last_message, added.last_message), kept});
}

// Tags, members and links that the kept one does not have yet.
void Merging::shareRows(Tx& tx, Id merge, Id org, Id kept, Id gone) {
    for (const Row& row :
         tx.query("SELECT tag, created_at FROM taggings WHERE object_kind = 'conversation' AND"
                  " object = $1",
                  {gone})) {
        if (tx.exec("INSERT INTO taggings (object_kind, object, tag, created_at) VALUES ('conversation', $1, "
                    "$2, $3)"
                    " ON CONFLICT (object_kind, object, tag) DO NOTHING",
                    {kept, row.integer(0), row.integer(1)}) > 0)
            tx.exec(kNote,
                    {merge, std::string_view("tag"), row.integer(0), std::string_view(""), std::int64_t{0}});
    }
    for (const Row& row : tx.query("SELECT kind, member, role, added_by, created_at FROM members WHERE"
                                   " conversation = $1",
                                   {gone})) {
        if (tx.exec("INSERT INTO members (conversation, kind, member, role, added_by, created_at) VALUES"
                    " ($1, $2, $3, $4, $5, $6) ON CONFLICT (conversation, kind, member, role) DO NOTHING",
                    {kept, row.text(0), row.integer(1), row.text(2), row.text(3), row.integer(4)}) > 0)
            tx.exec(kNote, {merge, std::string_view("member"), row.integer(1),
                            row.text(0) + ' ' + row.text(2), std::int64_t{0}});
    }
    for (const Row& row :
         tx.query("SELECT object_kind, object_id, linked_by, created_at FROM object_links WHERE"
                  " org = $1 AND subject_kind = 'conversation' AND subject = $2",
                  {org, gone})) {
        if (tx.exec("INSERT INTO object_links (org, object_kind, object_id, subject_kind, subject, linked_by,"
                    " created_at) VALUES ($1, $2, $3, 'conversation', $4, $5, $6)"
                    " ON CONFLICT (org, object_kind, object_id, subject_kind, subject) DO NOTHING",
                    {org, row.text(0), row.text(1), kept, row.text(2), row.integer(3)}) > 0)
            tx.exec(kNote, {merge, std::string_view("link"), kept, row.text(0) + '\n' + row.text(1),
                            std::int64_t{0}});
    }
}

Status Merging::merge(Tx& tx, const Actor& by, Id merge, Id kept, Id gone) {
    if (kept == gone)
        return Error{ErrorKind::Invalid, "with: these are one conversation already", {}, "invalid_request"};
    const auto stays = find(tx, by.org, kept);
    if (!stays) return stays.error();
    const auto goes = find(tx, by.org, gone);
    if (!goes) return goes.error();
    if (areApart(tx, stays->account, goes->account))
        return Error{
            ErrorKind::Conflict,
            "with: a conversation of somebody's own mailbox is merged only with others of that mailbox",
            {},
            "account_private"};
    const Ends before = endsOf(tx, gone);
    const std::string was = dumpJson({{"status", goes->status}, {"last_seq", before.last_seq}});
    tx.exec(kMerge, {merge, by.org, kept, gone, was, by.name, toMicros(clock_.now())});
    moveMessages(tx, merge, kept, gone);
    shareRows(tx, merge, by.org, kept, gone);
    tx.exec(kGone, {kept, gone});
    inbox_.conversationChanged(*stays);
    inbox_.conversationChanged(*goes);
    tell(tx, by, *stays, "conversation.merged", gone, merge);
    return Done{};
}

Status Merging::unmerge(Tx& tx, const Actor& by, Id merge) {
    const Rows rows = tx.query(
        "SELECT kept, gone, was, undone_at FROM merges WHERE id = $1 AND org = $2"
        " AND kind = 'conversation'",
        {merge, by.org});
    if (rows.empty()) return Error{ErrorKind::NotFound, "no such merge", {}, "not_found"};
    if (!rows[0].isNull(3)) return Error{ErrorKind::Conflict, "it was undone already", {}, "merge_undone"};
    const Id kept = rows[0].integer(0), gone = rows[0].integer(1);
    const auto stays = find(tx, by.org, kept);
    if (!stays) {
        return Error{ErrorKind::Conflict,
                     "the conversation was merged again since; undo that first",
                     {},
                     "merge_buried"};
    }
    const auto goes = inbox_.findConversation(tx, by.org, gone);
    if (!goes) return Error{ErrorKind::NotFound, "no such conversation", {}, "not_found"};
    const auto was = parseJson(rows[0].text(2));
    const std::string status = was ? textAt(*was, "status", "open") : "open";
    tx.exec(kStepAside, {gone});  // what was left behind makes room
    std::int64_t last = was ? numberAt(*was, "last_seq") : 0;
    for (const Row& row : tx.query(kMoved, {merge, std::string_view("message")}))
        tx.exec(kPlace, {gone, row.integer(2), row.integer(0), kept});
    for (const Row& row :
         tx.query("SELECT id FROM messages WHERE conversation = $1 AND seq < 0 ORDER BY seq DESC", {gone}))
        tx.exec("UPDATE messages SET seq = $1 WHERE id = $2", {++last, row.integer(0)});
    for (const Row& row : tx.query(kMoved, {merge, std::string_view("tag")}))
        tx.exec("DELETE FROM taggings WHERE object_kind = 'conversation' AND object = $1 AND tag = $2",
                {kept, row.integer(0)});
    for (const Row& row : tx.query(kMoved, {merge, std::string_view("member")})) {
        const std::string& name = row.text(1);
        const auto space = name.find(' ');
        const std::string kind = name.substr(0, space), role = name.substr(space + 1);
        tx.exec("DELETE FROM members WHERE conversation = $1 AND kind = $2 AND member = $3 AND role = $4",
                {kept, kind, row.integer(0), role});
    }
    for (const Row& row : tx.query(kMoved, {merge, std::string_view("link")})) {
        const std::string& name = row.text(1);
        const auto end = name.find('\n');
        const std::string kind = name.substr(0, end), id = name.substr(end + 1);
        tx.exec(
            "DELETE FROM object_links WHERE org = $1 AND object_kind = $2 AND object_id = $3"
            " AND subject_kind = 'conversation' AND subject = $4",
            {by.org, kind, id, kept});
    }
    // Another open one may hold the thread by now: then this one comes back closed.
    const bool is_taken = !tx.query(
                                 "SELECT 1 FROM conversations WHERE account = $1 AND thread_key = $2"
                                 " AND is_open = 1 AND id <> $3",
                                 {goes->account, goes->thread_key, gone})
                               .empty();
    const std::string back = is_taken ? "closed" : status == "snoozed" ? "open" : status;
    tx.exec(
        "UPDATE conversations SET status = $1, is_open = $2, merged_into = NULL, last_seq = $3,"
        " revision = revision + 1 WHERE id = $4",
        {back, std::int64_t{back == "closed" ? 0 : 1}, last, gone});
    tx.exec("UPDATE conversations SET revision = revision + 1 WHERE id = $1", {kept});
    tx.exec("UPDATE merges SET undone_at = $1 WHERE id = $2", {toMicros(clock_.now()), merge});
    inbox_.conversationChanged(*stays);
    inbox_.conversationChanged(*goes);
    tell(tx, by, *stays, "conversation.unmerged", gone, merge);
    return Done{};
}

std::optional<bool> isConversationMerge(Reader& reader, Id org, Id merge) {
    const Rows rows = reader.query("SELECT kind FROM merges WHERE id = $1 AND org = $2", {merge, org});
    return rows.empty() ? std::nullopt : std::optional(rows[0].text(0) == "conversation");
}

Json listConversationMerges(Reader& reader, Id org, Id conversation) {
    Json items = Json::array();
    for (const Row& row :
         reader.query("SELECT id, kept, gone, merged_by, created_at, undone_at FROM merges WHERE"
                      " org = $1 AND kind = 'conversation' AND (kept = $2 OR gone = $2 OR $2 = 0)"
                      " ORDER BY id DESC LIMIT 200",
                      {org, conversation})) {
        items.push_back(
            {{"id", idText(kMergeId, row.integer(0))},
             {"kept_id", idText(kConversationId, row.integer(1))},
             {"merged_id", idText(kConversationId, row.integer(2))},
             {"by", row.text(3)},
             {"created_at", toRfc3339(fromMicros(row.integer(4)))},
             {"undone_at", row.isNull(5) ? Json(nullptr) : Json(toRfc3339(fromMicros(row.integer(5))))}});
    }
    return items;
}

}  // namespace signalbox
