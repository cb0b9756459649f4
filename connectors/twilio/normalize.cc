#include "connectors/twilio/normalize.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/json.h"
#include "connectors/twilio/callback_fields.h"
#include "connectors/twilio/delivery_status.h"
#include "connectors/twilio/inbound_message.h"

namespace signalbox::twilio {
namespace {

Json fieldsJson(const FormFields& fields) {
    Json out = Json::object();
    for (const auto& [name, value] : fields) out[name] = value;
    return out;
}

// For what has no id of its own: the same parameters, in whatever order, are the same happening.
std::string fingerprint(FormFields fields) {
    std::sort(fields.begin(), fields.end());
    return toHex(hash(HashAlgorithm::Sha256, formEncode(fields)));
}

Envelope notice(std::string type, Json content, std::string_view key, const std::string& channel) {
    Envelope out;
    out.kind = EnvelopeKind::Notice;
    out.type = std::move(type);
    out.channel = channel;
    out.dedup_key = out.type + ':' + std::string(key);
    out.content = std::move(content);
    return out;
}

Envelope formEnvelope(const Callback& callback, const std::string& default_channel) {
    const FormFields& fields = callback.fields;
    const bool is_message = !messageSid(fields).empty();
    const std::string word = is_message ? statusWord(fields) : "";
    if (!word.empty() && deliveryState(word)) return deliveryStatus(fields, callback.query, default_channel);
    const bool is_inbound = word.empty() && findField(fields, "From") &&
                            (findField(fields, "Body") || findField(fields, "NumMedia"));
    if (is_message && is_inbound) return inboundMessage(fields);
    // Voice, recordings, and whatever Twilio invents: kept as it came.
    const char* type = findField(fields, "CallSid") ? "call" : is_message ? "unknown_status" : "unknown";
    return notice(type, fieldsJson(fields), fingerprint(fields), default_channel);
}

}  // namespace

Received normalize(const Callback& callback, const HttpRequest& request, const std::string& default_channel) {
    Received out;
    // Twilio logs error 12300 for an answer of any other type.
    out.reply = {200, {{"content-type", "text/xml"}}, R"(<?xml version="1.0" encoding="UTF-8"?><Response/>)"};
    if (callback.is_form || request.method == "GET") {
        out.envelopes.push_back(formEnvelope(callback, default_channel));
        return out;
    }
    auto body = parseJson(request.body);
    if (!body) {
        out.quarantine_reason = "twilio callback body: " + body.error().message;
        return out;
    }
    const std::string key = toHex(hash(HashAlgorithm::Sha256, request.body));
    out.envelopes.push_back(notice("unknown", {{"body", std::move(*body)}}, key, default_channel));
    return out;
}

}  // namespace signalbox::twilio
