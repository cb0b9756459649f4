#include "connectors/twilio/delivery_status.h"

#include "connectors/twilio/callback_fields.h"
#include "connectors/twilio/error_codes.h"

namespace signalbox::twilio {
namespace {

std::string channelOf(const FormFields& fields, const std::string& default_channel) {
    if (field(fields, "ChannelPrefix") == "whatsapp") return "whatsapp";
    for (const char* name : {"To", "From"}) {
        if (auto address = field(fields, name); !address.empty()) return readAddress(address).channel;
    }
    return default_channel;
}

}  // namespace

std::optional<DeliveryState> deliveryState(std::string_view word) {
    for (const char* known : {"accepted", "scheduled", "queued", "sending"}) {
        if (word == known) return DeliveryState::Accepted;
    }
    if (word == "sent" || word == "partially_delivered") return DeliveryState::Sent;
    if (word == "delivered") return DeliveryState::Delivered;
    if (word == "read") return DeliveryState::Read;
    for (const char* known : {"failed", "undelivered", "canceled"}) {
        if (word == known) return DeliveryState::Failed;
    }
    return std::nullopt;
}

std::string statusWord(const FormFields& fields) {
    for (const char* name : {"MessageStatus", "SmsStatus"}) {
        auto word = field(fields, name);
        if (word == "received" || word == "receiving") return {};
        if (!word.empty()) return word;
    }
    return {};
}

Envelope deliveryStatus(const FormFields& fields, const FormFields& query,
                        const std::string& default_channel) {
    const std::string word = statusWord(fields);
    Envelope update;
    update.kind = EnvelopeKind::Status;
    update.type = "status";
    update.channel = channelOf(fields, default_channel);
    update.target = messageSid(fields);
    update.dedup_key = "status:" + update.target + ':' + word;
    update.status.state = deliveryState(word).value_or(DeliveryState::Accepted);
    update.status.reference = field(query, kReferenceParameter);
    update.content["provider_status"] = word;
    if (update.status.state != DeliveryState::Failed) return update;
    update.status.code = field(fields, "ErrorCode");
    if (update.status.code.empty()) {
        update.status.text = word;
        return update;
    }
    update.status.text = describe(update.status.code);
    update.status.is_retryable = isRetryableCode(update.status.code);
    if (update.status.code == kOptedOut) update.content["consent"] = "revoked";
    return update;
}

}  // namespace signalbox::twilio
