// What became of a message of ours.
#include "connectors/whatsapp_cloud/elements.h"
#include "connectors/whatsapp_cloud/errors.h"
#include "connectors/whatsapp_cloud/identity.h"

namespace signalbox::whatsapp_cloud {
namespace {

std::optional<DeliveryState> stateOf(const std::string& word) {
    if (word == "played") return DeliveryState::Read;  // a voice message was heard
    return parseDeliveryState(word);
}

// In a group each participant has a state of his own.
std::string participantOf(const Json& status) {
    const std::string wa_id = textAt(status, "recipient_participant_id");
    if (!wa_id.empty()) return isUserId(wa_id) ? wa_id : phoneFrom(wa_id);
    return textAt(status, "recipient_participant_user_id");
}

// Only code and title are always there.
void readFailure(Envelope& envelope, Json errors) {
    if (!errors.is_array() || errors.empty()) return;
    const Json& first = errors[0];
    const std::int64_t code = numberAt(first, "code");
    const ErrorClass error_class = classOf(code);
    envelope.status.code = std::to_string(code);
    envelope.status.text = describe(first);
    envelope.status.is_retryable = isRetryable(error_class);
    envelope.content["error_class"] = toString(error_class);
    envelope.content["errors"] = std::move(errors);
}

}  // namespace

Result<std::optional<Envelope>> statusFrom(Json& status, const Surroundings& around) {
    const std::string word = textAt(status, "status");
    if (word == "deleted") return std::optional<Envelope>();
    Envelope envelope;
    envelope.kind = EnvelopeKind::Status;
    envelope.channel = kChannel;
    envelope.target = takeText(status, "id");
    if (envelope.target.empty() || word.empty())
        return Error{ErrorKind::Invalid, "hold an element without id or status"};
    envelope.type = word;
    envelope.dedup_key = "status:" + envelope.target + ':' + word;
    envelope.provider_time = timeFrom(memberAt(status, "timestamp"));
    envelope.status.reference = takeText(status, "biz_opaque_callback_data");
    envelope.status.recipient = participantOf(status);
    if (!envelope.status.recipient.empty()) envelope.dedup_key += ':' + envelope.status.recipient;
    if (!around.foreign_phone_number_id.empty())
        envelope.content["phone_number_id"] = around.foreign_phone_number_id;

    const auto state = stateOf(word);
    if (!state) {
        // A word of the future: kept and shown, but it moves no message.
        envelope.kind = EnvelopeKind::Notice;
        envelope.content["status"] = std::move(status);
        return std::optional(std::move(envelope));
    }
    envelope.status.state = *state;
    if (state == DeliveryState::Failed) readFailure(envelope, take(status, "errors"));
    for (const char* part : {"pricing", "conversation"}) {
        if (find(status, part) != nullptr) envelope.content[part] = take(status, part);
    }
    return std::optional(std::move(envelope));
}

}  // namespace signalbox::whatsapp_cloud
