// Messages of channels whose threads are made by the senders (mail): the key is given, not derived from the
// peer.
#include "hub/inbox/inbox.h"

namespace signalbox {
namespace {

constexpr std::string_view kSetSubject =
    "UPDATE conversations SET subject = $1 WHERE id = $2 AND subject = ''";
constexpr std::string_view kExternalId =
    "SELECT external_id, status FROM messages WHERE id = $1 AND account = $2";

}  // namespace

AddedMessage Inbox::addThreaded(Tx& tx, const Account& account, const ThreadedMessage& where,
                                const Participant& from, const MessageDraft& draft) {
    const Id person = people_.resolve(tx, account.org, from, account.scope);
    const Identity peer = from.identities.empty() ? Identity{} : from.identities.front();
    Conversation conversation =
        conversations_.open(tx, account, where.channel, where.thread_key, person, peer);
    if (conversation.is_new) setSubject(tx, conversation.id, where.subject);
    conversation.person = person;  // many write in a thread, not only who opened it
    const bool is_news = where.event_type == "message.received", is_imported = where.event_type == kImported;
    const TimePoint at = where.active_at.value_or(draft.created_at);
    if (conversation.is_new && is_imported) conversations_.beginAt(tx, conversation.id, at);
    // A machine's answer is no word of the person: nothing that counts from the last word starts anew.
    std::optional<TimePoint> inbound_at;
    if (is_news || (is_imported && where.is_persons_word)) inbound_at = at;
    const std::int64_t seq = conversations_.advance(tx, conversation.id, inbound_at, at);
    insertMessage(tx, account, conversation, draft, seq);
    if (is_news && conversation.isAsleep()) wake(tx, account, conversation);
    const auto offset = tellMessage(tx, account, conversation, draft, where.event_type, seq);
    const AddedMessage added{draft.id, conversation.id, person, offset};
    if (!draft.external_id.empty()) applyParked(tx, account, draft.external_id);
    return added;
}

void Inbox::tellSent(Tx& tx, const Account& account, Id message) {
    const Rows rows = tx.query(kExternalId, {message, account.id});
    if (rows.empty() || rows[0].text(1) == "delivered" || rows[0].text(1) == "read") return;
    markSent(tx, account, message, rows[0].text(0), DeliveryState::Sent);
}

void Inbox::setSubject(Tx& tx, Id conversation, const std::string& subject) {
    if (!subject.empty()) tx.exec(kSetSubject, {subject, conversation});
}

}  // namespace signalbox
