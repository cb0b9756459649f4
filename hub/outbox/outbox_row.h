// The values that go in and out of the outbox.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/accounts/accounts.h"
#include "hub/files/files.h"
#include "hub/files/named_files.h"
#include "hub/inbox/inbox.h"
#include "hub/model/mail_facts.h"
#include "hub/model/outbound.h"
#include "hub/outbox/progress.h"

namespace signalbox {

// Mark: something done to a message that is there already (read mark, reaction); no line of its own.
// Letter: a mail of the daemon's own, outside any conversation (own_mail.h). Copy: sent_copy.h.
enum class OutboxKind { Message, Mark, Http, Media, Letter, Copy };
const char* toString(OutboxKind kind);
OutboxKind parseOutboxKind(std::string_view word);

// What shares a circuit breaker and a limit of requests in flight.
inline constexpr std::string_view kSendEndpoint = "send", kMediaEndpoint = "media";
// Errands in a mailbox (IMAP): a server for them that is down is no reason not to send.
inline constexpr std::string_view kMailboxEndpoint = "mailbox";
struct EndpointKey {
    Id account = 0;
    std::string name;  // send, mailbox, media, «http host»
    friend auto operator<=>(const EndpointKey&, const EndpointKey&) = default;
};

// Who asks, beside what is asked.
struct RequestSource {
    Id org = kDefaultOrg;
    std::string author;           // agent, api, workflow …
    std::string client_token;     // the caller's own key: the same twice is one message
    std::string idempotency_key;  // a key of our own making (a workflow's node run); goes before client_token
    std::string run_key;          // the node run that waits for outbox.finished; empty: nobody waits
    std::string lane;             // http requests with the same lane leave in order; empty: each for itself
    Id user = 0;  // who asks for it; his own accounts are for nobody else. 0: the organization
    std::optional<FileViewer> viewer = {};  // whose files it may carry; nothing: the whole organization's
};

// A file that a message carries, and the link through which the provider fetches it.
struct CarriedFile {
    NamedFile named;
    std::optional<Secret> link;  // nothing: the connector gets the bytes
};

// All that can be made ready before the writer thread.
struct PreparedRequest {
    AccountRef account;
    OutboxKind kind = OutboxKind::Message;
    std::optional<Id> conversation;  // absent: the open one with `to`, or none (http)
    std::string channel;
    Identity to;
    std::optional<Id> reply_to;
    MessageDraft draft;             // messages only
    std::optional<MailFacts> mail;  // mails only; draft.external_id is their Message-ID
    Id answers = 0;                 // mails: the message that this one answers; 0: none
    std::string subject;            // of the conversation that it opens
    std::vector<CarriedFile> files;
    std::string endpoint, lane;  // lane empty: the conversation's
    std::string request;         // what `toOutbound` reads
    std::string idempotency_key, run_key;
    Id subscription = 0;        // that it goes to (hub/webhooks); 0: none
    bool may_be_known = false;  // the key came from outside, so it may have been used before
    TimePoint created_at{}, expires_at{};
};

struct Queued {
    Id outbox = 0;
    Id message = 0, conversation = 0;  // 0: none
    std::int64_t offset = 0;           // of message.queued; 0: none, or not new
    bool is_new = true;                // false: the key was used before, these are the first call's numbers
};

// A row that is ours to try until `until`; nobody else touches it while the token is good.
struct Lease {
    Id id = 0, org = 0, account = 0;
    OutboxKind kind = OutboxKind::Message;
    std::string endpoint, lane;
    Id message = 0, conversation = 0, subscription = 0;  // 0: none
    std::int64_t ordinal = 0;
    std::int64_t token = 0;
    int attempts = 0, deferrals = 0;
    TimePoint until{}, expires_at{};
    std::string request, idempotency_key, run_key;
    SendProgress progress = {};
    // As of the lease:
    std::string in_reply_to;
    std::optional<TimePoint> last_inbound_at;
    bool may_have_left = false, is_unanswered = false, was_leaving = false;  // see OutboundMessage
};

// What the connector gets. Not inside Writes: it parses.
OutboundMessage toOutbound(const Lease& lease, const Account& account);
// Media only.
Attachment toAttachment(const Lease& lease);
// Whether a try whose outcome is not known may be made again: the provider honours our key, or the request
// changes nothing when it is done twice.
bool isRepeatable(OutboxKind kind, std::string_view request, const Account* account);

// How a try ended.
struct TryResult {
    enum class State { Sent, Retry, Uncertain, Blocked, Dead, Cancelled };
    State state = State::Sent;
    // Sent; else of a message to several of which some recipients are done with, or delayed.
    Receipt receipt;
    std::optional<FetchedFile> file;  // Sent, media
    Error error;                      // all others
    TimePoint next_at{};              // Retry
    std::string copy_request;         // see sent_copy.h; empty: none
    bool is_counted = true;           // false for 429 and its like, which use up no try
};

// The end of a row that could not be sent before `expires_at`; Uncertain: an earlier try may have sent it.
TryResult outOfTime(TryResult::State state = TryResult::State::Dead);
// What the column `error` says of the last try: nobody knows whether it sent.
bool isUncertain(const std::string& error);

}  // namespace signalbox
