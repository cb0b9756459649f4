#include "connectors/webhook/normalize.h"

#include <algorithm>
#include <charconv>

#include "base/crypto.h"
#include "connectors/webhook/body.h"

namespace signalbox::webhook {
namespace {

// Longer ids are replaced by their hash: a key of the database is no place for kilobytes.
constexpr std::size_t kMaxKey = 200;

constexpr const char* kAlwaysKept[] = {"content-type",      "user-agent",     "webhook-id",
                                       "webhook-timestamp", "svix-id",        "svix-timestamp",
                                       "x-request-id",      "x-github-event", "x-github-delivery"};

const Json& step(const Json& value, std::string_view name) {
    if (!value.is_array()) return memberAt(value, name);
    std::size_t index = 0;
    const auto end = name.data() + name.size();
    const bool is_index = std::from_chars(name.data(), end, index).ptr == end && !name.empty();
    return is_index && index < value.size() ? value[index] : memberAt(Json(), "");
}

Json keptHeaders(const HttpRequest& request, const WebhookConfig& config) {
    Json out = Json::object();
    const auto keep = [&](const std::string& name) {
        if (const auto value = request.headers.find(name)) out[name] = *value;
    };
    for (const char* name : kAlwaysKept) keep(name);
    for (const auto& name : config.kept_headers) keep(name);
    return out;
}

// The query without the parameter that proves who sends.
FormFields keptQuery(const HttpRequest& request, const WebhookConfig& config) {
    FormFields fields = parseForm(request.query());
    if (const auto* fixed = std::get_if<FixedSecret>(&config.verifier);
        fixed != nullptr && !fixed->query.empty())
        std::erase_if(fields, [&](const auto& field) { return field.first == fixed->query; });
    return fields;
}

std::string valueAt(const Place& place, const HttpRequest& request, const Json& body) {
    if (!place.header.empty()) return std::string(request.headers.get(place.header));
    return place.json_path.empty() ? "" : textAtPath(body, place.json_path);
}

// The delivery's id as the sender gives it, or empty.
std::string deliveryId(const HttpRequest& request, const Json& body, const Proof& proof,
                       const WebhookConfig& config) {
    if (config.is_dedup_by_body) return {};
    return config.dedup.empty() ? proof.id : valueAt(config.dedup, request, body);
}

std::string dedupKey(const std::string& id, const HttpRequest& request, const FormFields& query) {
    if (id.empty())
        return "body:" + toHex(hash(HashAlgorithm::Sha256, formEncode(query) + '\n' + request.body));
    return "id:" + (id.size() > kMaxKey ? toHex(hash(HashAlgorithm::Sha256, id)) : id);
}

}  // namespace

std::string textAtPath(const Json& value, std::string_view path) {
    if (path.starts_with("$.")) path.remove_prefix(2);
    const Json* at = &value;
    while (!path.empty()) {
        const auto dot = std::min(path.find('.'), path.size());
        at = &step(*at, path.substr(0, dot));
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    if (at->is_string()) return at->get<std::string>();
    return at->is_number() || at->is_boolean() ? dumpJson(*at) : "";
}

Received normalize(const HttpRequest& request, const Proof& proof, const WebhookConfig& config) {
    Received out;
    out.reply = jsonResponse(200, R"({"ok":true})");
    auto body = readBody(request);
    if (!body) {
        out.quarantine_reason = "webhook body: " + body.error().message;
        return out;
    }
    const FormFields query = keptQuery(request, config);
    Envelope event;
    event.kind = EnvelopeKind::Event;
    event.event_type = "webhook.received";
    event.channel = "webhook";
    event.external_id = deliveryId(request, body->value, proof, config);
    event.dedup_key = dedupKey(event.external_id, request, query);
    event.provider_time = proof.signed_at;
    event.content = {{"event", valueAt(config.event_type, request, body->value)},
                     {"method", request.method},
                     {"content_type", std::string(request.headers.get("content-type"))},
                     {"headers", keptHeaders(request, config)},
                     {"query", fieldsJson(query)}};
    event.content["body"] = std::move(body->value);
    if (body->is_base64) event.content["body_encoding"] = "base64";
    out.envelopes.push_back(std::move(event));
    return out;
}

}  // namespace signalbox::webhook
