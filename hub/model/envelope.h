// What a connector makes of a provider's bytes: one value for every channel, inbound. A status, a reaction,
// an edit or a call leg is an envelope too; what we do not understand becomes a notice and is never dropped.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace signalbox {

enum class EnvelopeKind {
    Message,   // a line in a conversation
    Status,    // the delivery state of a message we sent
    Reaction,  // set on, or removed from, `target`
    Edit,      // `target` now reads `text`
    Delete,    // `target` was taken back
    Notice,    // something to keep and show, but no line of the conversation (provider errors, identity
               // changes)
    Event,     // an event of `event_type` with `content`, without person or conversation (generic webhooks)
};

enum class Direction { Inbound, Outbound };  // Outbound inbound: our side wrote it elsewhere (an echo)

// Delivery state per recipient. A higher rank replaces a lower one, never the other way; `failed` does not
// replace delivered or read, `delayed` (not there yet, it is still tried) only accepted and sent. See
// contracts.md (q) for each provider's words.
enum class DeliveryState { Delayed = -1, Accepted = 0, Sent = 1, Delivered = 2, Read = 3, Failed = 10 };
bool mayReplace(DeliveryState current, DeliveryState next);

// kind: phone (E.164 with +, or as the provider gave it when `value` is not parsable), email, wa_user_id,
// slack_user, webchat_key, external. A person is never keyed by phone alone.
struct Identity {
    std::string kind;
    std::string value;
    friend bool operator==(const Identity&, const Identity&) = default;
};

struct Participant {
    std::vector<Identity> identities;  // all belong to one person; the first one is how to answer
    std::string name;                  // as the provider shows it
};

struct Attachment {
    std::string kind;                             // image, video, audio, document, sticker, contact
    std::string media_id;                         // provider's handle, fetched by a job of its own
    std::string url;                              // a hint where media_id is set, else where to fetch
    std::string mime, filename, caption, sha256;  // sha256 in hex as promised by the provider, or empty
    bool is_voice = false;
};

struct StatusUpdate {
    DeliveryState state = DeliveryState::Accepted;
    std::string code, text;  // the provider's error, for failed
    std::string recipient;   // empty: the one recipient of the message
    std::string reference;   // our own message id when the provider echoes it (biz_opaque_callback_data …)
    bool is_retryable = false;
};

struct Envelope {
    EnvelopeKind kind = EnvelopeKind::Message;
    std::string external_id;  // the provider's id of this message; empty where it has none
    std::string dedup_key;    // unique per account for this happening, equal when it is delivered again
    Direction direction = Direction::Inbound;
    std::string channel;      // whatsapp, sms, webhook …
    std::string thread_key;   // conversation key within the account; the peer's identity, a group id …
    std::string in_reply_to;  // external id of the message this one answers
    Participant from;         // for an echo: the other side, whom it was sent to
    std::string type;  // text, image, …, location, contacts, choice, order, unsupported, reaction …
    std::string text;  // what a person would read first; caption for media
    std::vector<Attachment> attachments;
    Json content = Json::object();  // the structured part (location, choice, referral …), named in the
                                    // connector's README
    std::string target;             // external id that a status, reaction, edit or delete is about
    StatusUpdate status;
    std::string event_type;  // for Event: "webhook.received" …
    std::optional<TimePoint> provider_time;
};

const char* toString(EnvelopeKind kind);
const char* toString(Direction direction);
const char* toString(DeliveryState state);
std::optional<DeliveryState> parseDeliveryState(std::string_view text);

// Members that are empty are left out; used for event payloads and for the connectors' case files.
Json toJson(const Envelope& envelope);
Json toJson(const Attachment& attachment);
// The way back, for envelopes that we stored ourselves; what is missing stays empty.
Envelope fromJson(const Json& json);

}  // namespace signalbox
