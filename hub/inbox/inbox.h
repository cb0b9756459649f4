// Conversations and their messages: the only writer of those tables. Everything here runs inside Writes, on
// the writer thread; reading for people is hub/inbox/inbox_queries.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/accounts/accounts.h"
#include "hub/inbox/conversations.h"
#include "hub/log/event_log.h"
#include "hub/model/envelope.h"
#include "hub/people/people.h"
#include "hub/store/store.h"

namespace signalbox {

// A message before it has a conversation: all that can be prepared outside of Writes.
struct MessageDraft {
    Id id = 0;
    std::string direction;  // in, out
    std::string author;     // contact, agent, workflow, api …
    std::string type, text;
    std::string content;      // JSON object as text; empty: {}
    std::string external_id;  // empty: not known (yet)
    std::string in_reply_to;
    std::string client_token;  // empty: none
    std::string status;        // received, queued, sent …
    Id request = 0;            // the raw request it came with
    std::optional<TimePoint> provider_time;
    TimePoint created_at{};
    std::vector<Attachment> attachments;
    std::string event_tail;  // renderEventTail of the above
};

// The members of the event's "message" object that need no database, as JSON text without braces.
std::string renderEventTail(const MessageDraft& draft, const Account& account, const std::string& channel,
                            const Participant& from);

// What a line has beside its text, where it is more than the default.
struct LineTraits {
    std::string urgency = "normal";     // normal, high, urgent
    std::string visibility = "client";  // client, internal
    Id reply_to = 0, forwarded_from = 0;
    bool isDefault() const {
        return urgency == "normal" && visibility == "client" && reply_to == 0 && forwarded_from == 0;
    }
};

struct AddedMessage {
    Id message = 0;
    Id conversation = 0;
    Id person = 0;
    std::int64_t offset = 0;  // of the event that tells it
};

// Tells a message that lay with the provider before the account was connected.
inline constexpr std::string_view kImported = "message.imported";

// Where a message of a channel with threads of its own (mail) belongs.
struct ThreadedMessage {
    std::string channel, thread_key;
    std::string subject;     // of the conversation, when this message opens it
    std::string event_type;  // message.received, message.echoed, message.auto_received, message.imported
    // When it happened, not later than now: the conversation's last_message_at moves up to here, and
    // last_inbound_at when it is a word of the person.
    std::optional<TimePoint> active_at = {};
    bool is_persons_word = true;  // of an imported one: it came in, and no machine answered by it
};

class Inbox {
public:
    Inbox(Store& store, Ids& ids, const Clock& clock, EventLog& log, People& people);

    // A message that came in (or an echo of one that our side wrote elsewhere). Writes message.received or
    // message.echoed, and applies whatever was parked for its external id.
    AddedMessage addInbound(Tx& tx, const Account& account, const std::string& channel,
                            const std::string& thread_key, const Participant& from,
                            const MessageDraft& draft);
    // The same for channels whose messages say themselves which thread they belong to.
    AddedMessage addThreaded(Tx& tx, const Account& account, const ThreadedMessage& where,
                             const Participant& from, const MessageDraft& draft);
    // A copy of a message of ours was found at the provider: it was sent, also when nobody knew that.
    void tellSent(Tx& tx, const Account& account, Id message);
    // A message that will be sent. Writes message.queued. Throws StoreError(Constraint) when its client_token
    // was used.
    AddedMessage addOutbound(Tx& tx, const Account& account, const Conversation& conversation,
                             const MessageDraft& draft);

    // The open conversation with someone, made (with the person) when there is none. `thread_key`: of a
    // channel with threads, a new one for each message that answers nothing.
    Conversation openConversation(Tx& tx, const Account& account, const std::string& channel,
                                  const Identity& peer, const std::string& thread_key = "");
    // Names a conversation that has no subject yet.
    void setSubject(Tx& tx, Id conversation, const std::string& subject);
    std::optional<Conversation> findConversation(Tx& tx, Id org, Id conversation);
    // Its row was changed by somebody else: what is cached of it is read anew.
    void conversationChanged(const Conversation& conversation) { conversations_.forget(conversation); }

    // A line that goes to no provider: a note, a word among users, something written in the portal. `event`
    // tells it: note.added, message.posted, message.received.
    AddedMessage addLine(Tx& tx, const Account& account, const Conversation& conversation,
                         const MessageDraft& draft, const LineTraits& traits, std::string_view event);
    // A change of an outbound or internal message that our side makes.
    void setTraits(Tx& tx, Id message, const LineTraits& traits);

    // The provider took it: its external id is known from now on, parked statuses find it. Writes
    // message.status.
    void markSent(Tx& tx, const Account& account, Id message, const std::string& external_id,
                  DeliveryState state);
    // Sending failed for good ("failed"), its outcome is not known ("uncertain"), or it waits for someone to
    // repair the account ("blocked"). Writes message.status.
    void markUnsent(Tx& tx, const Account& account, Id message, const std::string& status,
                    const std::string& code, const std::string& text);

    // What became of one recipient of a message to several. The message shows failed once all have failed;
    // until then `error` names the newest failure. Writes message.status with the recipient.
    void setRecipient(Tx& tx, const Account& account, Id message, const StatusUpdate& status);
    // Somebody sends it again to those for whom it had failed.
    void setWaitingAgain(Tx& tx, Id message, const std::vector<std::string>& recipients);

    // A status, reaction, edit or delete about `envelope.target`; parked when the target is not there (yet).
    // Returns the offset of the event it wrote, 0 when parked or without effect.
    std::int64_t apply(Tx& tx, const Account& account, const Envelope& envelope);

private:
    struct Target {
        Id id = 0, conversation = 0;
        std::string status, text;
        bool has_external_id = false;
    };
    std::optional<Target> findTarget(Tx& tx, const Account& account, const Envelope& envelope);
    std::int64_t applyTo(Tx& tx, const Account& account, const Envelope& envelope, const Target& target);
    std::int64_t applyStatus(Tx& tx, const Account& account, const Envelope& envelope, const Target& target);
    std::int64_t applyReaction(Tx& tx, const Account& account, const Envelope& envelope,
                               const Target& target);
    std::int64_t applyEdit(Tx& tx, const Account& account, const Envelope& envelope, const Target& target);
    std::int64_t tellStatus(Tx& tx, const Account& account, Id message, Id conversation,
                            const StatusUpdate& status, const std::string& word);
    void insertMessage(Tx& tx, const Account& account, const Conversation& conversation,
                       const MessageDraft& draft, std::int64_t seq);
    std::int64_t tellMessage(Tx& tx, const Account& account, const Conversation& conversation,
                             const MessageDraft& draft, std::string_view type, std::int64_t seq);
    void wake(Tx& tx, const Account& account, const Conversation& conversation);
    void park(Tx& tx, const Account& account, const Envelope& envelope);
    void applyParked(Tx& tx, const Account& account, const std::string& external_id);

    const Clock& clock_;
    EventLog& log_;
    People& people_;
    Conversations conversations_;
    const bool is_exclusive_;
    bool may_have_parked_ = true;  // false: known to be none, so that new messages need not look
};

}  // namespace signalbox
