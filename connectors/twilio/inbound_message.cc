#include "connectors/twilio/inbound_message.h"

#include <algorithm>
#include <charconv>

#include "connectors/twilio/callback_fields.h"

namespace signalbox::twilio {
namespace {

constexpr int kMaxMedia = 20;  // Twilio allows 10

std::optional<double> number(const std::string& text) {
    double value = 0;
    const auto end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
    return value;
}

void copy(Json& out, const char* key, const FormFields& fields, std::string_view name) {
    if (auto value = field(fields, name); !value.empty()) out[key] = std::move(value);
}

Participant sender(const FormFields& fields, const Address& from) {
    Participant out{{from.identity}, field(fields, "ProfileName")};
    const auto add = [&](Identity identity) {
        const auto& known = out.identities;
        if (std::find(known.begin(), known.end(), identity) == known.end())
            out.identities.push_back(std::move(identity));
    };
    if (from.channel != "whatsapp") return out;
    // A person who hides the number has only the user id, in From; others have both, in fields of their own.
    if (auto id = field(fields, "WaId"); !id.empty()) add(readAddress("whatsapp:" + id).identity);
    if (auto id = field(fields, "ExternalUserId"); id.starts_with("whatsapp:")) add(readAddress(id).identity);
    return out;
}

std::string attachmentKind(const std::string& mime, const std::string& message_type) {
    if (mime.starts_with("text/") && mime.find("vcard") != std::string::npos) return "contact";
    if (message_type == "sticker") return "sticker";
    for (const char* kind : {"image", "video", "audio"}) {
        if (mime.starts_with(std::string(kind) + '/')) return kind;
    }
    return "document";
}

std::vector<Attachment> attachments(const FormFields& fields) {
    std::vector<Attachment> out;
    const std::string message_type = field(fields, "MessageType");
    for (int i = 0; i < kMaxMedia; ++i) {
        const std::string index = std::to_string(i);
        Attachment attachment;
        attachment.url = field(fields, "MediaUrl" + index);
        if (attachment.url.empty()) break;
        attachment.mime = mediaType(field(fields, "MediaContentType" + index));
        attachment.kind = attachmentKind(attachment.mime, message_type);
        out.push_back(std::move(attachment));
    }
    return out;
}

// {latitude, longitude, name?, address?}; null when the fields hold no place.
Json location(const FormFields& fields) {
    const auto latitude = number(field(fields, "Latitude"));
    const auto longitude = number(field(fields, "Longitude"));
    if (!latitude || !longitude) return nullptr;
    Json out = {{"latitude", *latitude}, {"longitude", *longitude}};
    copy(out, "name", fields, "Label");
    copy(out, "address", fields, "Address");
    return out;
}

// A tapped button or list row: {id, title}. The payload is opaque text, also when it looks like JSON.
Json choice(const FormFields& fields) {
    Json out = Json::object();
    copy(out, "id", fields, "ButtonPayload");
    copy(out, "title", fields, "ButtonText");
    copy(out, "id", fields, "ListId");
    copy(out, "title", fields, "ListTitle");
    if (out.empty()) return nullptr;
    if (!out.contains("id")) out["id"] = out["title"];
    return out;
}

// The advertisement that the person came from.
Json referral(const FormFields& fields) {
    Json out = Json::object();
    copy(out, "source_id", fields, "ReferralSourceId");
    copy(out, "source_type", fields, "ReferralSourceType");
    copy(out, "source_url", fields, "ReferralSourceUrl");
    copy(out, "headline", fields, "ReferralHeadline");
    copy(out, "body", fields, "ReferralBody");
    copy(out, "ctwa_clid", fields, "ReferralCtwaClid");
    return out.empty() ? Json() : out;
}

// "revoked", "granted" or empty. Twilio names the keyword where its opt-out management is on; without it,
// carriers and Twilio still act upon these words in an SMS.
std::string consentChange(const FormFields& fields, const Envelope& message) {
    std::string word = field(fields, "OptOutType");
    if (word.empty() && message.channel == "sms") word = message.text;
    const auto is = [&](std::string_view keyword) { return equalsIgnoringCase(word, keyword); };
    if (is("STOP") || is("STOPALL") || is("UNSUBSCRIBE")) return "revoked";
    return is("START") || is("UNSTOP") ? "granted" : "";
}

std::string typeOf(const Envelope& message, const std::string& provider_type) {
    if (message.content.contains("choice")) return "choice";
    if (message.content.contains("location")) return "location";
    if (!message.attachments.empty()) {
        const std::string& kind = message.attachments.front().kind;
        return kind == "contact" ? "contacts" : kind;
    }
    return !message.text.empty() || provider_type.empty() || provider_type == "text" ? "text" : "unsupported";
}

Json contentOf(const FormFields& fields) {
    Json out = Json::object();
    const auto put = [&](const char* key, Json value) {
        if (!value.is_null()) out[key] = std::move(value);
    };
    put("location", location(fields));
    put("choice", choice(fields));
    put("referral", referral(fields));
    if (field(fields, "Forwarded") == "true") out["forwarded"] = true;
    if (field(fields, "FrequentlyForwarded") == "true") out["frequently_forwarded"] = true;
    copy(out, "to", fields, "To");
    copy(out, "messaging_service_sid", fields, "MessagingServiceSid");
    return out;
}

}  // namespace

Envelope inboundMessage(const FormFields& fields) {
    const Address from = readAddress(field(fields, "From"));
    const std::string provider_type = field(fields, "MessageType");
    Envelope message;
    message.external_id = messageSid(fields);
    message.dedup_key = message.external_id;
    message.channel = from.channel;
    message.thread_key = from.identity.value;
    message.in_reply_to = field(fields, "OriginalRepliedMessageSid");
    message.from = sender(fields, from);
    message.text = field(fields, "Body");
    message.attachments = attachments(fields);
    message.content = contentOf(fields);
    message.type = typeOf(message, provider_type);
    if (message.type == "unsupported") message.content["provider_type"] = provider_type;
    if (auto consent = consentChange(fields, message); !consent.empty()) message.content["consent"] = consent;
    return message;
}

}  // namespace signalbox::twilio
