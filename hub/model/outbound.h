// What leaves: one value for every channel, made by the API and by workflows, rendered by the account's
// connector.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "hub/model/envelope.h"

namespace signalbox {

// What each recipient of a message to several was told, just before the byte that decides.
struct Leaving {
    std::vector<StatusUpdate> recipients;  // Accepted, Delayed, Failed
    Json form = nullptr;                   // see SendProgress
};

// How far a message to several recipients came, over all of its tries.
struct SendProgress {
    std::vector<std::string> taken, failed;  // nothing is sent to them any more
    std::vector<std::string> waiting;        // refused for now: tried again, alone
    Json form = nullptr;  // the connector's own: what makes the bytes of the next try the same
    // Of the try that was leaving and of which nobody saw the end; it counts once the message is known to
    // have arrived.
    std::vector<StatusUpdate> leaving;
};

// One thing to do at a provider. Built from an outbox row just before the try, so it carries what the
// connector needs to know about the conversation at that moment.
struct OutboundMessage {
    Id id = 0;  // the message's id (0: no message, an HTTP request or a read mark)
    std::string account;
    std::string idempotency_key;  // the same on each try; sent wherever the provider has a field for it
    Identity to;                  // whom to reach; kind says how (phone, wa_user_id, email …)
    std::string type =
        "text";  // text, image, video, audio, document, template, interactive, reaction, mark_read, http
    std::string text;
    std::string in_reply_to;  // the provider's id of the message that this one answers
    std::vector<Attachment> attachments;
    Json content = Json::object();  // by type: template {name, language, components}, interactive {…}, http
                                    // {method, url, …}
    std::optional<TimePoint>
        last_inbound_at;  // when the other side last wrote on this account (24-hour windows)
    int attempt = 1;
    std::vector<std::string> files;  // bytes of `attachments`, for connectors that want them; else empty
    // An earlier try may have sent it: the process died in the middle, or (is_unanswered) no answer came and
    // nobody has decided yet to send it again.
    bool may_have_left = false, is_unanswered = false;
    // Connectors whose provider knows no key of ours call it when the next byte decides, and send that byte
    // only when it is Done: from then on a try without an answer may have sent the message. `was_leaving`: an
    // earlier try of which nobody saw the end had come that far. Empty in tests.
    std::function<Status(const Leaving&)> before_leaving = {};
    bool was_leaving = false;
    SendProgress progress = {};
};

// The code of an Uncertain error after which asking the provider again tells no more.
inline constexpr std::string_view kNotInSent = "not_in_sent";
// The code of an error when it could not be asked what became of an earlier try.
inline constexpr std::string_view kSentNotAsked = "sent_not_asked";

// The provider took it. `content` is what a workflow may want to see (the answer to an HTTP request).
struct Receipt {
    std::string external_id;
    DeliveryState state = DeliveryState::Accepted;
    Json content = Json::object();
    // Of a message to several: where each recipient of this try stands. None Accepted: `state` says nothing.
    std::vector<StatusUpdate> recipients;
    std::optional<Error> rest =
        {};                   // why the Delayed ones (Rejected: all) were not taken; decides like an error
    Json form = nullptr;      // see SendProgress
    bool wants_copy = false;  // mail: a copy is to go into the folder of sent mail; `form` makes it
};

// A file fetched from a provider.
struct Media {
    std::string bytes;
    std::string mime;
    std::string filename;
};

}  // namespace signalbox
