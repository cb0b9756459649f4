#include "hub/inbox/message_care.h"

#include "hub/inbox/mailbox_mark.h"
#include "hub/inbox/tags.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kEditTime = 5min;
constexpr std::int64_t kMostReads = 10'000;  // lines noted one by one in a single call

constexpr std::string_view kFind =
    "SELECT conversation, account, author, direction, status, text, created_at, deleted_at FROM messages"
    " WHERE id = $1 AND org = $2";
constexpr std::string_view kKeepOld =
    "INSERT INTO edits (message, version, text, edited_at, edited_by)"
    " SELECT $1, COUNT(*) + 1, $2, $3, $4 FROM edits WHERE message = $1";
constexpr std::string_view kMark =
    "INSERT INTO read_marks (reader, conversation, seq, read_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (reader, conversation) DO UPDATE SET seq = $3, read_at = $4";
constexpr std::string_view kNoteReads =
    "INSERT INTO message_reads (message, reader, reader_name, read_at)"
    " SELECT id, $1, $2, $3 FROM messages WHERE conversation = $4 AND seq > $5 AND seq <= $6 AND author <> $2"
    " ORDER BY seq DESC LIMIT $7 ON CONFLICT (message, reader) DO NOTHING";

// Provider's hands: what went through an account and left, or may have.
bool hasLeft(const std::string& direction, const std::string& status, Id account) {
    return direction != "internal" && account != 0 && status != "failed";
}

}  // namespace

Result<MessageCare::Found> MessageCare::find(Reader& reader, Id org, Id message) const {
    const Rows rows = reader.query(kFind, {message, org});
    if (rows.empty()) return Error{ErrorKind::NotFound, "no such message", {}, "not_found"};
    const Row& row = rows[0];
    return Found{row.integer(0),
                 row.integer(1),
                 row.text(2),
                 row.text(3),
                 row.text(4),
                 row.text(5),
                 fromMicros(row.integer(6)),
                 !row.isNull(7)};
}

void MessageCare::tell(Tx& tx, const Actor& by, const Found& found, Id message, std::string_view type,
                       Json payload) {
    payload["message_id"] = idText(kMessageId, message);
    payload["conversation_id"] = idText(kConversationId, found.conversation);
    payload["direction"] = found.direction;
    payload["by"] = by.name;
    log_.append(tx, {by.org, type, found.account, found.conversation, dumpJson(payload)});
}

Status MessageCare::checkChangeable(const Found& found, const Actor& by, bool is_any_author) const {
    if (found.is_deleted) return Error{ErrorKind::Conflict, "the message was deleted", {}, "message_deleted"};
    if (found.author != by.name && !is_any_author)
        return Error{ErrorKind::Forbidden, "only who wrote a message may change it", {}, "not_author"};
    if (hasLeft(found.direction, found.status, found.account)) {
        return Error{ErrorKind::Conflict,
                     "this channel cannot change a message that was sent (GET /api/v1/channels)",
                     {},
                     "channel_cannot"};
    }
    return Done{};
}

Status MessageCare::edit(Tx& tx, const Edit& edit, Id message, const std::string& text) {
    const Actor& by = edit.by;
    const auto found = find(tx, by.org, message);
    if (!found) return found.error();
    const Rows edits = tx.query("SELECT COUNT(*) FROM edits WHERE message = $1", {message});
    if (auto checked = edit.check(edits.at(0).integer(0) + 1); !checked) return checked;
    if (auto checked = checkChangeable(*found, by, false); !checked) return checked;
    // It may be sent again, and would leave with the old words.
    if (found->direction == "out" && found->account != 0)
        return Error{ErrorKind::Conflict,
                     "a message that could not be sent is not edited: delete it and write it anew",
                     {},
                     "channel_cannot"};
    const TimePoint now = clock_.now();
    if (now - found->created_at > kEditTime) {
        return Error{ErrorKind::Conflict, "a message can be edited for five minutes", {}, "edit_too_late"};
    }
    tx.exec(kKeepOld, {message, found->text, toMicros(now), by.name});
    tx.exec("UPDATE messages SET text = $1, edited_at = $2 WHERE id = $3", {text, toMicros(now), message});
    tell(tx, by, *found, message, "message.edited", {{"text", text}});
    return Done{};
}

Status MessageCare::remove(Tx& tx, const Actor& by, Id message, bool is_any_author) {
    const auto found = find(tx, by.org, message);
    if (!found) return found.error();
    if (auto checked = checkChangeable(*found, by, is_any_author); !checked) return checked;
    tx.exec("UPDATE messages SET deleted_at = $1, deleted_scope = 'everyone' WHERE id = $2",
            {toMicros(clock_.now()), message});
    tell(tx, by, *found, message, "message.deleted", {{"scope", "everyone"}});
    return Done{};
}

Status MessageCare::hide(Tx& tx, const Actor& by, Id message) {
    const auto found = find(tx, by.org, message);
    if (!found) return found.error();
    tx.exec(
        "INSERT INTO hidden_messages (reader, message, hidden_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (reader, message) DO NOTHING",
        {by.id, message, toMicros(clock_.now())});
    return Done{};
}

Status MessageCare::react(Tx& tx, const Actor& by, Id message, const std::string& emoji) {
    const auto found = find(tx, by.org, message);
    if (!found) return found.error();
    if (emoji.empty()) {
        tx.exec("DELETE FROM reactions WHERE message = $1 AND actor = $2", {message, by.id});
    } else {
        tx.exec(
            "INSERT INTO reactions (message, actor, emoji, changed_at, actor_kind)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (message, actor)"
            " DO UPDATE SET emoji = $3, changed_at = $4",
            {message, by.id, emoji, toMicros(clock_.now()),
             std::string_view(by.user != 0 ? "user" : "token")});
    }
    tell(tx, by, *found, message, "message.reaction",
         {{"emoji", emoji.empty() ? Json(nullptr) : Json(emoji)}});
    return Done{};
}

Status MessageCare::setFlags(Tx& tx, const Actor& by, Id message, const MessageFlags& flags) {
    const auto found = find(tx, by.org, message);
    if (!found) return found.error();
    const auto number = [](const std::optional<bool>& flag) {
        return flag ? Value(std::int64_t{*flag ? 1 : 0}) : Value(nullptr);
    };
    const Value urgency = flags.urgency.empty() ? Value(nullptr) : Value(std::string_view(flags.urgency));
    tx.exec(
        "UPDATE messages SET starred = COALESCE($1, starred), pinned = COALESCE($2, pinned),"
        " urgency = COALESCE($3, urgency) WHERE id = $4",
        {number(flags.starred), number(flags.pinned), urgency, message});
    Json payload = Json::object();
    if (flags.starred) payload["starred"] = *flags.starred;
    if (flags.pinned) payload["pinned"] = *flags.pinned;
    if (!flags.urgency.empty()) payload["urgency"] = flags.urgency;
    tell(tx, by, *found, message, "message.flagged", std::move(payload));
    return Done{};
}

Status MessageCare::changeTags(Tx& tx, const Actor& by, Id message, const std::vector<std::string>& add,
                               const std::vector<std::string>& remove) {
    const auto found = find(tx, by.org, message);
    if (!found) return found.error();
    const TagChange change = changeTagsOf(tx, ids_, clock_.now(), by.org, "message", message, add, remove);
    if (change.added.empty() && change.removed.empty()) return Done{};
    tell(tx, by, *found, message, "message.tagged",
         {{"added", change.added}, {"removed", change.removed}, {"tags", tagsOf(tx, "message", message)}});
    return Done{};
}

Result<ReadMark> MessageCare::markRead(Tx& tx, const Actor& by, Id conversation, std::int64_t seq,
                                       bool is_unread_again) {
    const Rows rows = tx.query("SELECT last_seq, account FROM conversations WHERE id = $1 AND org = $2",
                               {conversation, by.org});
    if (rows.empty()) return Error{ErrorKind::NotFound, "no such conversation", {}, "not_found"};
    const Rows known =
        tx.query("SELECT seq FROM read_marks WHERE reader = $1 AND conversation = $2", {by.id, conversation});
    const std::int64_t before = known.empty() ? 0 : known[0].integer(0);
    const std::int64_t last = rows[0].integer(0);
    // Nobody has read what is still to come, also when he sets the mark himself.
    const std::int64_t wanted = seq == 0 && !is_unread_again ? last : std::min(seq, last);
    const bool is_hidden = is_unread_again && readMailboxMark(tx, conversation) > wanted;
    if ((wanted == before && !is_hidden) || (wanted < before && !is_unread_again)) return ReadMark{before, 0};
    const std::int64_t now = toMicros(clock_.now());
    tx.exec(kMark, {by.id, conversation, wanted, now});
    // What somebody wants to see again is not hidden by what the mailbox says.
    if (is_hidden) setMailboxMark(tx, conversation, wanted, clock_.now());
    std::int64_t noted = 0;
    if (wanted > before)
        noted = tx.exec(kNoteReads, {by.id, by.name, now, conversation, before, wanted, kMostReads});
    const std::string payload = dumpJson(
        {{"conversation_id", idText(kConversationId, conversation)}, {"seq", wanted}, {"by", by.name}});
    log_.append(tx, {by.org, "conversation.read", rows[0].integer(1), conversation, payload});
    return ReadMark{wanted, static_cast<std::size_t>(noted)};
}

}  // namespace signalbox
