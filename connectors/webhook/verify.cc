#include "connectors/webhook/verify.h"

#include <charconv>

namespace signalbox::webhook {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kMillisecondDigits = 13;
// A list of signatures is a handful; a hostile one must not cost thousands of verifications.
constexpr std::size_t kMaxSignatures = 20;

Error unauthorized(std::string message) {
    return {ErrorKind::Unauthorized, "webhook: " + std::move(message), {}, "signature"};
}

std::string_view trim(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// The elements of a list header; the header as it is when `separator` is empty.
std::vector<std::string_view> elements(std::string_view list, std::string_view separator) {
    std::vector<std::string_view> out;
    while (!separator.empty() && out.size() < kMaxSignatures) {
        const auto end = list.find(separator);
        if (end == std::string_view::npos) break;
        out.push_back(trim(list.substr(0, end)));
        list.remove_prefix(end + separator.size());
    }
    out.push_back(trim(list));
    return out;
}

Result<TimePoint> checkTime(std::string_view text, std::chrono::seconds tolerance, TimePoint now) {
    const auto time = parseTimestamp(text);
    if (!time) return unauthorized("the time of signing is missing or is no number");
    if (*time < now - tolerance || *time > now + tolerance) {
        return unauthorized("signed more than " + std::to_string(tolerance.count()) +
                            " s before or after our time (a replay, or a clock that is wrong)");
    }
    return *time;
}

bool isSignedBy(const StandardWebhooks& verifier, std::string_view entry, std::string_view text) {
    const auto comma = entry.find(',');
    if (comma == std::string_view::npos) return false;
    const auto signature = fromBase64(entry.substr(comma + 1));
    if (!signature) return false;
    const auto version = entry.substr(0, comma);
    if (version == "v1") {
        for (const auto& key : verifier.keys) {
            if (equalInConstantTime(hmac(HashAlgorithm::Sha256, key.reveal(), text), *signature)) return true;
        }
    }
    if (version == "v1a") {
        for (const auto& key : verifier.public_keys) {
            if (verifyEd25519(key, text, *signature)) return true;
        }
    }
    return false;
}

Result<Proof> verifyWith(const StandardWebhooks& verifier, const HttpRequest& request, TimePoint now) {
    const std::string family = request.headers.find("webhook-signature") ? "webhook-" : "svix-";
    const auto id = request.headers.get(family + "id");
    const auto timestamp = request.headers.get(family + "timestamp");
    const auto signatures = request.headers.get(family + "signature");
    if (id.empty() || timestamp.empty() || signatures.empty())
        return unauthorized("webhook-id, webhook-timestamp or webhook-signature is missing");
    const auto time = checkTime(timestamp, verifier.tolerance, now);
    if (!time) return time.error();
    std::string text(id);
    text.append(".").append(timestamp).append(".").append(request.body);
    for (const auto entry : elements(signatures, " ")) {
        if (isSignedBy(verifier, entry, text)) return Proof{std::string(id), *time};
    }
    return unauthorized("no signature in webhook-signature fits a secret of this account");
}

// `timestamp_prefix` picks the element of a list ("t=1700000000,v1=…"); without one the header is the time.
std::string_view timestampOf(const Hmac& verifier, const HttpRequest& request) {
    const auto header = request.headers.get(verifier.timestamp_header);
    if (verifier.timestamp_prefix.empty()) return trim(header);
    for (const auto element : elements(header, verifier.separator)) {
        if (element.starts_with(verifier.timestamp_prefix))
            return element.substr(verifier.timestamp_prefix.size());
    }
    return {};
}

// One pass, so that what is put in is not searched again.
std::string fillTemplate(std::string_view text, std::string_view body, std::string_view timestamp,
                         std::string_view id) {
    std::string out;
    out.reserve(text.size() + body.size() + timestamp.size() + id.size());
    while (!text.empty()) {
        const auto replace = [&](std::string_view name, std::string_view value) {
            if (!text.starts_with(name)) return false;
            out.append(value);
            text.remove_prefix(name.size());
            return true;
        };
        if (replace("{body}", body) || replace("{ts}", timestamp) || replace("{id}", id)) continue;
        out += text.front();
        text.remove_prefix(1);
    }
    return out;
}

bool isSignedBy(const Hmac& verifier, std::string_view element, std::string_view text) {
    if (!element.starts_with(verifier.prefix)) return false;
    element.remove_prefix(verifier.prefix.size());
    const auto signature = verifier.is_base64 ? fromBase64(element) : fromHex(element);
    if (!signature) return false;
    for (const auto& key : verifier.keys) {
        if (equalInConstantTime(hmac(verifier.algorithm, key.reveal(), text), *signature)) return true;
    }
    return false;
}

Result<Proof> verifyWith(const Hmac& verifier, const HttpRequest& request, TimePoint now) {
    const auto signatures = request.headers.get(verifier.header);
    if (signatures.empty()) return unauthorized("the header " + verifier.header + " is missing");
    Proof proof;
    std::string_view timestamp;
    if (!verifier.timestamp_header.empty()) {
        timestamp = timestampOf(verifier, request);
        const auto time = checkTime(timestamp, verifier.tolerance, now);
        if (!time) return time.error();
        proof.signed_at = *time;
    }
    if (!verifier.id_header.empty()) proof.id = request.headers.get(verifier.id_header);
    const std::string text = fillTemplate(verifier.signed_text, request.body, timestamp, proof.id);
    for (const auto element : elements(signatures, verifier.separator)) {
        if (isSignedBy(verifier, element, text)) return proof;
    }
    return unauthorized("the signature in " + verifier.header + " fits no secret of this account");
}

Result<Proof> verifyWith(const FixedSecret& verifier, const HttpRequest& request, TimePoint) {
    std::string given;
    if (!verifier.header.empty()) {
        given = request.headers.get(verifier.header);
    } else {
        given = findField(parseForm(request.query()), verifier.query).value_or("");
    }
    if (given.empty()) return unauthorized(verifier.header + verifier.query + " is missing");
    const std::string digest = hash(HashAlgorithm::Sha256, given);
    for (const auto& value : verifier.values) {
        // Hashes are compared, so that the time tells not even how long the secret is.
        if (equalInConstantTime(hash(HashAlgorithm::Sha256, verifier.prefix + value.reveal()), digest))
            return Proof{};
    }
    return unauthorized("the value of " + verifier.header + verifier.query + " is wrong");
}

Result<Proof> verifyWith(const NoProof&, const HttpRequest&, TimePoint) {
    return Proof{};
}

}  // namespace

std::optional<TimePoint> parseTimestamp(std::string_view text) {
    if (text.empty() || text.size() > kMillisecondDigits) return std::nullopt;
    std::int64_t number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || number < 0)
        return std::nullopt;
    const std::int64_t unit = text.size() == kMillisecondDigits ? 1'000 : 1'000'000;
    return fromMicros(number * unit);
}

Result<Proof> verify(const Verifier& verifier, const HttpRequest& request, TimePoint now) {
    return std::visit([&](const auto& kind) { return verifyWith(kind, request, now); }, verifier);
}

}  // namespace signalbox::webhook
