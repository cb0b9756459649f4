#include "connectors/webhook/config.h"

#include <algorithm>

namespace signalbox::webhook {
namespace {

Error invalid(std::string message) {
    return {ErrorKind::Invalid, std::move(message), {}, "config"};
}

std::string lowerCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return text;
}

// What proves who someone is must not travel on to workflows, screens and logs.
bool isConfidential(const std::string& header) {
    for (const char* part : {"authorization", "cookie", "signature", "secret", "token", "password", "api-key",
                             "apikey", "hmac"}) {
        if (header.find(part) != std::string::npos) return true;
    }
    return false;
}

// The header that the verifier reads its proof from.
std::string proofHeader(const Verifier& verifier) {
    if (const auto* hmac = std::get_if<Hmac>(&verifier)) return lowerCase(hmac->header);
    if (const auto* fixed = std::get_if<FixedSecret>(&verifier)) return lowerCase(fixed->header);
    return {};
}

Status addKeptHeaders(WebhookConfig& out, const Json& names) {
    for (const auto& name : names) {
        const std::string header = lowerCase(name.is_string() ? name.get<std::string>() : "");
        if (isConfidential(header) || header == proofHeader(out.verifier))
            return invalid("keep_headers: " + header + " may hold a credential and is never handed on");
        out.kept_headers.push_back(header);
    }
    return Done{};
}

// Headers the configuration reads itself are worth showing too.
void addUsedHeaders(WebhookConfig& out) {
    std::vector<std::string> used = {out.dedup.header, out.event_type.header};
    if (const auto* hmac = std::get_if<Hmac>(&out.verifier)) {
        used.push_back(hmac->id_header);
        used.push_back(hmac->timestamp_header);
    }
    for (auto& name : used) {
        name = lowerCase(name);
        if (!name.empty() && !isConfidential(name) && name != proofHeader(out.verifier))
            out.kept_headers.push_back(name);
    }
}

Result<Place> readPlace(const Json& config, const char* key) {
    const Json& place = memberAt(config, key);
    Place out{textAt(place, "header"), textAt(place, "json_path")};
    const bool has_body_hash = flagAt(place, "body_hash");
    if (int{!out.header.empty()} + int{!out.json_path.empty()} + int{has_body_hash} > 1)
        return invalid(std::string(key) + ": only one of its keys can be used");
    return out;
}

}  // namespace

Result<WebhookConfig> readConfig(const Json& config) {
    WebhookConfig out;
    auto verifier = readVerifier(memberAt(config, "verifier"));
    if (!verifier) return verifier.error();
    out.verifier = std::move(*verifier);
    auto dedup = readPlace(config, "dedup");
    if (!dedup) return dedup.error();
    out.dedup = std::move(*dedup);
    out.is_dedup_by_body = flagAt(memberAt(config, "dedup"), "body_hash");
    auto event_type = readPlace(config, "event_type");
    if (!event_type) return event_type.error();
    out.event_type = std::move(*event_type);
    if (out.event_type.empty() && std::holds_alternative<StandardWebhooks>(out.verifier))
        out.event_type.json_path = "type";
    if (auto added = addKeptHeaders(out, memberAt(config, "keep_headers")); !added) return added.error();
    addUsedHeaders(out);
    return out;
}

}  // namespace signalbox::webhook
