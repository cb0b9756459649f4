#include "hub/inbox/lines.h"

#include "hub/access/grants.h"
#include "hub/files/files.h"
#include "hub/inbox/tags.h"
#include "hub/inbox/text_marks.h"

namespace signalbox {
namespace {

// A user is named by the whole address, by what stands before its @, or by the name without spaces.
constexpr std::string_view kMentioned =
    "SELECT id FROM users WHERE org = $1 AND state = 'active' AND (email = $2 OR email LIKE $3 ESCAPE '\\'"
    " OR LOWER(REPLACE(name, ' ', '')) = $2) ORDER BY id LIMIT 10";
constexpr std::string_view kMention =
    "INSERT INTO mentions (user_id, message, conversation, created_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (user_id, message) DO NOTHING";
constexpr std::string_view kRoom =
    "INSERT INTO conversations (id, org, account, channel, thread_key, person, peer_kind, peer_value, "
    "subject,"
    " status, is_open, last_seq, last_message_at, created_at, kind)"
    " VALUES ($1, $2, 0, $3, $4, $5, '', '', $6, 'open', 1, 0, $7, $7, $8)";
constexpr std::string_view kJoin =
    "INSERT INTO members (conversation, kind, member, role, added_by, created_at)"
    " VALUES ($1, 'user', $2, 'participant', $3, $4) ON CONFLICT (conversation, kind, member, role) DO "
    "NOTHING";
constexpr std::string_view kPortal =
    "SELECT id FROM conversations WHERE account = 0 AND thread_key = $1 AND org = $2 AND is_open = 1";

std::string localPartPattern(const std::string& name) {
    std::string pattern;
    for (const char c : name) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "@%";
}

const char* eventOf(const std::string& direction) {
    if (direction == "internal") return "note.added";
    return direction == "in" ? "message.received" : "message.posted";
}

}  // namespace

Account ownAccount(Id org, const std::string& channel) {
    Account account;
    account.org = org;
    account.channel = channel;
    return account;
}

std::vector<Id> Lines::mentioned(Tx& tx, Id org, const std::vector<std::string>& names) {
    std::vector<Id> users;
    for (const std::string& name : names) {
        const std::string pattern = localPartPattern(name);
        for (const Row& row : tx.query(kMentioned, {org, name, pattern})) users.push_back(row.integer(0));
    }
    return users;
}

Result<AddedMessage> Lines::add(Tx& tx, const Actor& by, Id conversation, const NewLine& line) {
    const auto found = inbox_.findConversation(tx, by.org, conversation);
    if (!found) return Error{ErrorKind::NotFound, "no such conversation", {}, "not_found"};
    const AccountRef known = accounts_.byId(found->account);
    const Account account = known ? *known : ownAccount(by.org, found->channel);

    const TextMarks marks = textMarks(line.text);
    const std::vector<Id> users = mentioned(tx, by.org, marks.mentions);
    MessageDraft draft;
    draft.id = line.id;
    draft.direction = line.direction;
    draft.author = line.direction == "in" ? "contact" : by.name;
    draft.type = line.type;
    draft.text = line.text;
    draft.content = line.content.empty() ? "" : dumpJson(line.content);
    draft.client_token = line.client_token;
    draft.attachments = line.attachments;
    draft.status = line.direction == "in" ? "received" : "sent";
    draft.created_at = clock_.now();
    draft.event_tail = renderEventTail(draft, account, found->channel, {});
    Json more = {{"mentions", Json::array()},
                 {"hashtags", marks.hashtags},
                 {"visibility", line.traits.visibility},
                 {"urgency", line.traits.urgency}};
    for (const Id user : users) more["mentions"].push_back(idText(kUserId, user));
    const std::string text = dumpJson(more);
    draft.event_tail += ',' + text.substr(1, text.size() - 2);

    const AddedMessage added =
        inbox_.addLine(tx, account, *found, draft, line.traits, eventOf(line.direction));
    for (const NamedFile& file : line.files)
        Files::markUploaded(tx, line.id, static_cast<std::int64_t>(file.ordinal), file.blob);
    if (!marks.hashtags.empty())
        changeTagsOf(tx, ids_, draft.created_at, by.org, "message", line.id, marks.hashtags, {});
    for (const Id user : users) {
        tx.exec(kMention, {user, line.id, conversation, toMicros(draft.created_at)});
        const std::string payload = dumpJson({{"user_id", idText(kUserId, user)},
                                              {"message_id", idText(kMessageId, line.id)},
                                              {"conversation_id", idText(kConversationId, conversation)},
                                              {"by", by.name}});
        log_.append(tx, {by.org, "user.mentioned", account.id, conversation, payload});
    }
    return added;
}

Status Lines::openRoom(Tx& tx, const Actor& by, Id conversation, const Room& room) {
    std::vector<Id> users = room.users;
    if (by.user != 0) users.push_back(by.user);
    for (const Id user : users) {
        if (tx.query("SELECT 1 FROM users WHERE org = $1 AND id = $2 AND state = 'active'", {by.org, user})
                .empty())
            return Error{ErrorKind::NotFound, "user_ids: there is no active user " + idText(kUserId, user)};
    }
    const TimePoint now = clock_.now();
    const std::string key = std::string("group:") + idText(kConversationId, conversation);
    tx.exec(kRoom,
            {conversation, by.org, kInternalChannel, key, Id{0}, room.subject, toMicros(now), room.kind});
    for (const Id user : users) {
        tx.exec(kJoin, {conversation, user, by.name, toMicros(now)});
        giveGrant(tx, by.org, grantToUser(user, "conversation", conversation, "participant"), by.id, now);
    }
    const std::string payload = dumpJson({{"conversation_id", idText(kConversationId, conversation)},
                                          {"kind", room.kind},
                                          {"subject", room.subject},
                                          {"by", by.name}});
    log_.append(tx, {by.org, "conversation.created", 0, conversation, payload});
    return Done{};
}

Id Lines::openPortal(Tx& tx, Id org, Id person) {
    const std::string key = "portal:" + idText(kPersonId, person);
    if (const Rows rows = tx.query(kPortal, {key, org}); !rows.empty()) return rows[0].integer(0);
    const Id id = ids_.next();
    tx.exec(kRoom, {id, org, kPortalChannel, key, person, std::string_view(""), toMicros(clock_.now()),
                    std::string_view("external")});
    const std::string payload = dumpJson({{"conversation_id", idText(kConversationId, id)},
                                          {"person_id", idText(kPersonId, person)},
                                          {"kind", "external"},
                                          {"by", "contact"}});
    log_.append(tx, {org, "conversation.created", 0, id, payload});
    return id;
}

}  // namespace signalbox
