#include "connectors/twilio/signature.h"

#include <algorithm>

#include "base/crypto.h"

namespace signalbox::twilio {
namespace {

// Twilio sends some 20 to 60; a hostile body is refused before it costs time.
constexpr std::ptrdiff_t kMaxFields = 1000;

Error unauthorized(std::string message) {
    return {ErrorKind::Unauthorized, "twilio callback: " + std::move(message), {}, "signature"};
}

// Keys in byte order; a repeated key comes once for each of its distinct values.
std::string signedParameters(FormFields form) {
    std::sort(form.begin(), form.end());
    form.erase(std::unique(form.begin(), form.end()), form.end());
    std::string out;
    for (const auto& [key, value] : form) out.append(key).append(value);
    return out;
}

std::string sign(std::string_view token, std::string_view url, std::string_view parameters) {
    std::string data(url);
    data += parameters;
    return toBase64(hmac(HashAlgorithm::Sha1, token, data));
}

void addWithAndWithoutPort(std::vector<std::string>& urls, const PublicUrl& url, const std::string& rest) {
    for (const auto& port : {url.port, url.port.empty() ? url.defaultPort() : std::string()}) {
        std::string candidate = url.withPort(port) + rest;
        if (std::find(urls.begin(), urls.end(), candidate) == urls.end())
            urls.push_back(std::move(candidate));
    }
}

bool isBodyHashRight(const HttpRequest& request, const Callback& callback) {
    const auto promised = findField(callback.query, "bodySHA256");
    const auto digest = promised ? fromHex(*promised) : std::nullopt;
    return digest && equalInConstantTime(*digest, hash(HashAlgorithm::Sha256, request.body));
}

}  // namespace

Result<Callback> readCallback(const HttpRequest& request) {
    const auto separators = std::count(request.body.begin(), request.body.end(), '&') +
                            std::count(request.target.begin(), request.target.end(), '&');
    Callback callback;
    callback.is_form = mediaType(request.headers.get("content-type")) == "application/x-www-form-urlencoded";
    if (separators > kMaxFields && (callback.is_form || request.method == "GET")) {
        return Error{ErrorKind::Invalid, "more than " + std::to_string(kMaxFields) + " fields", {}, "fields"};
    }
    callback.query = parseForm(request.query());
    callback.is_form = callback.is_form && request.method != "GET";
    callback.fields = callback.is_form ? parseForm(request.body) : callback.query;
    return callback;
}

std::string signatureOf(std::string_view token, std::string_view url, const FormFields& form) {
    return sign(token, url, signedParameters(form));
}

std::vector<std::string> signedUrls(const PublicUrl& public_url, const HttpRequest& request) {
    std::vector<std::string> urls;
    const std::string query = request.query().empty() ? "" : "?" + std::string(request.query());
    addWithAndWithoutPort(urls, public_url, query);
    PublicUrl base = public_url;
    while (base.path.ends_with('/')) base.path.pop_back();
    addWithAndWithoutPort(urls, base, request.target);
    // Twilio's documentation does not say whether connection overrides (#rc=…) are signed.
    if (!public_url.fragment.empty())
        addWithAndWithoutPort(urls, public_url, query + '#' + public_url.fragment);
    return urls;
}

Status verify(const TwilioConfig& config, const HttpRequest& request, const Callback& callback) {
    const std::string_view given = request.headers.get("x-twilio-signature");
    if (given.empty()) return unauthorized("no X-Twilio-Signature");
    // A GET has no body to vouch for; every other body is either signed field by field or by its hash.
    if (!callback.is_form && request.method != "GET" && !isBodyHashRight(request, callback))
        return unauthorized("a body that is no form, without its right hash in the URL (bodySHA256)");
    const std::string parameters = callback.is_form ? signedParameters(callback.fields) : "";
    for (const auto& url : signedUrls(config.public_url, request)) {
        for (const auto& token : config.signing_tokens) {
            if (equalInConstantTime(sign(token.reveal(), url, parameters), given)) return Done{};
        }
    }
    return unauthorized(
        "the signature does not fit; is public_url the URL in the Twilio console, and "
        "auth_token the token of the account that sends?");
}

}  // namespace signalbox::twilio
