#include "hub/inbox/inbox.h"

#include "base/json_text.h"

namespace signalbox {
namespace {

constexpr std::string_view kInsertMessage =
    "INSERT INTO messages (id, org, account, conversation, seq, person, direction, author, type, text, "
    "content,"
    " external_id, in_reply_to, client_token, status, error, request, provider_at, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '', $16, $17, $18)";
constexpr std::string_view kInsertAttachment =
    "INSERT INTO attachments (message, ordinal, kind, source, mime, filename, blob, size, state, error)"
    " VALUES ($1, $2, $3, $4, $5, $6, '', 0, 'wanted', '')";

constexpr std::string_view kFindEcho =
    "SELECT id, conversation, person FROM messages WHERE account = $1 AND external_id = $2";

constexpr std::string_view kSetTraits =
    "UPDATE messages SET urgency = $1, visibility = $2, reply_to = $3, forwarded_from = $4 WHERE id = $5";

Value orNull(const std::string& text) {
    return text.empty() ? Value(nullptr) : Value(std::string_view(text));
}

}  // namespace

std::string renderEventTail(const MessageDraft& draft, const Account& account, const std::string& channel,
                            const Participant& from) {
    JsonMembers out;
    out.put("id", idText(kMessageId, draft.id));
    out.put("account", account.name);
    out.put("channel", channel);
    out.put("direction", draft.direction);
    out.put("author", draft.author);
    out.put("type", draft.type);
    out.put("text", draft.text);
    out.put("status", draft.status);
    out.put("created_at", toRfc3339(draft.created_at));
    out.putIfAny("external_id", draft.external_id);
    out.putIfAny("in_reply_to", draft.in_reply_to);
    if (draft.provider_time) out.put("provider_time", toRfc3339(*draft.provider_time));
    if (!draft.attachments.empty()) {
        Json attachments = Json::array();
        for (const auto& attachment : draft.attachments) attachments.push_back(toJson(attachment));
        out.putJson("attachments", attachments);
    }
    Json sender = Json::object();
    if (!from.name.empty()) sender["name"] = from.name;
    for (const auto& identity : from.identities) sender[identity.kind] = identity.value;
    out.putJson("from", sender);
    if (!draft.content.empty()) out.putText("content", draft.content);
    return out.take();
}

Inbox::Inbox(Store& store, Ids& ids, const Clock& clock, EventLog& log, People& people)
    : clock_(clock),
      log_(log),
      people_(people),
      conversations_(store, ids, clock),
      is_exclusive_(store.isExclusive()) {
    store.onRollback([this] { may_have_parked_ = true; });
}

AddedMessage Inbox::addInbound(Tx& tx, const Account& account, const std::string& channel,
                               const std::string& thread_key, const Participant& from,
                               const MessageDraft& draft) {
    const bool is_inbound = draft.direction == "in";
    // An echo may tell of a message that we sent ourselves.
    if (!is_inbound && !draft.external_id.empty()) {
        const Rows known = tx.query(kFindEcho, {account.id, draft.external_id});
        if (!known.empty()) return {known[0].integer(0), known[0].integer(1), known[0].integer(2), 0};
    }
    const Id person = people_.resolve(tx, account.org, from, account.scope);
    const Identity peer = from.identities.empty() ? Identity{} : from.identities.front();
    Conversation conversation = conversations_.open(tx, account, channel, thread_key, person, peer);
    conversation.person = person;  // in a group everyone writes, not only who opened it
    std::optional<TimePoint> inbound_at;
    if (is_inbound) inbound_at = draft.provider_time.value_or(draft.created_at);
    const std::int64_t seq = conversations_.advance(tx, conversation.id, inbound_at);
    insertMessage(tx, account, conversation, draft, seq);
    if (is_inbound && conversation.isAsleep()) wake(tx, account, conversation);
    const auto offset = tellMessage(tx, account, conversation, draft,
                                    is_inbound ? "message.received" : "message.echoed", seq);
    const AddedMessage added{draft.id, conversation.id, person, offset};
    if (!draft.external_id.empty()) applyParked(tx, account, draft.external_id);
    return added;
}

AddedMessage Inbox::addOutbound(Tx& tx, const Account& account, const Conversation& conversation,
                                const MessageDraft& draft) {
    const std::int64_t seq = conversations_.advance(tx, conversation.id, std::nullopt);
    insertMessage(tx, account, conversation, draft, seq);
    const auto offset = tellMessage(tx, account, conversation, draft, "message.queued", seq);
    return {draft.id, conversation.id, conversation.person, offset};
}

AddedMessage Inbox::addLine(Tx& tx, const Account& account, const Conversation& conversation,
                            const MessageDraft& draft, const LineTraits& traits, std::string_view event) {
    std::optional<TimePoint> inbound_at;
    if (draft.direction == "in") inbound_at = draft.created_at;
    const std::int64_t seq = conversations_.advance(tx, conversation.id, inbound_at);
    insertMessage(tx, account, conversation, draft, seq);
    if (!traits.isDefault()) setTraits(tx, draft.id, traits);
    if (inbound_at && conversation.isAsleep()) wake(tx, account, conversation);
    const auto offset = tellMessage(tx, account, conversation, draft, event, seq);
    return {draft.id, conversation.id, conversation.person, offset};
}

void Inbox::setTraits(Tx& tx, Id message, const LineTraits& traits) {
    tx.exec(
        kSetTraits,
        {traits.urgency, traits.visibility, traits.reply_to == 0 ? Value(nullptr) : Value(traits.reply_to),
         traits.forwarded_from == 0 ? Value(nullptr) : Value(traits.forwarded_from), message});
}

void Inbox::wake(Tx& tx, const Account& account, const Conversation& conversation) {
    conversations_.wake(tx, conversation);
    const std::string payload = dumpJson({{"conversation_id", idText(kConversationId, conversation.id)},
                                          {"from", conversation.status},
                                          {"status", "open"},
                                          {"by", "contact"}});
    log_.append(tx, {account.org, "conversation.status_changed", account.id, conversation.id, payload});
}

Conversation Inbox::openConversation(Tx& tx, const Account& account, const std::string& channel,
                                     const Identity& peer, const std::string& thread_key) {
    const Id person = people_.resolve(tx, account.org, {{peer}, ""}, account.scope);
    const Conversation& known =
        conversations_.open(tx, account, channel, thread_key.empty() ? peer.value : thread_key, person, peer);
    return conversations_.find(tx, account.org, known.id).value_or(known);
}

std::optional<Conversation> Inbox::findConversation(Tx& tx, Id org, Id conversation) {
    return conversations_.find(tx, org, conversation);
}

void Inbox::insertMessage(Tx& tx, const Account& account, const Conversation& conversation,
                          const MessageDraft& draft, std::int64_t seq) {
    const std::string_view content = draft.content.empty() ? std::string_view("{}") : draft.content;
    tx.exec(kInsertMessage, {draft.id, account.org, account.id, conversation.id, seq, conversation.person,
                             draft.direction, draft.author, draft.type, draft.text, content,
                             orNull(draft.external_id), draft.in_reply_to, orNull(draft.client_token),
                             draft.status, draft.request == 0 ? Value(nullptr) : Value(draft.request),
                             draft.provider_time ? Value(toMicros(*draft.provider_time)) : Value(nullptr),
                             toMicros(draft.created_at)});
    std::int64_t ordinal = 0;
    for (const Attachment& attachment : draft.attachments) {
        const std::string source = dumpJson(toJson(attachment));
        tx.exec(kInsertAttachment,
                {draft.id, ordinal++, attachment.kind, source, attachment.mime, attachment.filename});
    }
}

std::int64_t Inbox::tellMessage(Tx& tx, const Account& account, const Conversation& conversation,
                                const MessageDraft& draft, std::string_view type, std::int64_t seq) {
    std::string payload;
    payload.reserve(draft.event_tail.size() + 200);
    payload.append("{\"first_contact\":").append(conversation.is_new ? "true" : "false");
    if (type == kImported) payload.append(",\"is_history\":true");
    payload.append(",\"message\":{\"conversation_id\":\"").append(idText(kConversationId, conversation.id));
    payload.append("\",\"person_id\":\"").append(idText(kPersonId, conversation.person));
    payload.append("\",\"seq\":")
        .append(std::to_string(seq))
        .append(",")
        .append(draft.event_tail)
        .append("}}");
    return log_.append(tx, {account.org, type, account.id, conversation.id, payload});
}

}  // namespace signalbox
