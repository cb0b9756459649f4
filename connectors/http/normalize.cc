#include "connectors/http/normalize.h"

#include <algorithm>

#include "base/crypto.h"

namespace signalbox::http_account {
namespace {

// Shorter ones would blot out half of an answer, and protect nothing.
constexpr std::size_t kMinSecret = 4;

// A server that echoes its request must not carry our credentials into a workflow's history.
std::string redact(std::string text, const std::vector<Secret>& secrets) {
    for (const auto& secret : secrets) {
        const std::string& value = secret.reveal();
        if (value.size() < kMinSecret) continue;
        for (auto at = text.find(value); at != std::string::npos; at = text.find(value, at + 3))
            text.replace(at, value.size(), "***");
    }
    return text;
}

bool isJsonType(const std::string& type) {
    return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

bool isUtf8(const std::string& text) {
    try {
        Json(text).dump();
        return true;
    } catch (const Json::type_error&) {
        return false;
    }
}

// JSON that is beyond our limits is an error: what a workflow gets must not depend on how much there is.
Status putBody(Json& content, const HttpResponse& response, const Prepared& prepared,
               const std::vector<Secret>& secrets) {
    std::string text = redact(response.body, secrets);
    if (!prepared.takes_text && isJsonType(mediaType(response.headers.get("content-type")))) {
        auto value = parseJson(text);
        if (value) {
            content["body"] = std::move(*value);
            return Done{};
        }
        if (Json::accept(text))
            return Error{
                ErrorKind::Rejected,
                prepared.what + ": answered " + std::to_string(response.status) +
                    ", but its JSON cannot be taken (" + value.error().message +
                    "): ask for less, page by page (pagination), or take it as text (response: text)",
                {},
                "answer_too_large"};
    }
    const bool is_text = isUtf8(text);
    content["body"] = is_text ? std::move(text) : toBase64(text);
    if (!is_text) content["body_encoding"] = "base64";
    return Done{};
}

Json headersJson(const HttpResponse& response, const std::vector<Secret>& secrets) {
    Json out = Json::object();
    for (const auto& [name, value] : response.headers) {
        std::string key = name;
        std::transform(key.begin(), key.end(), key.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
        if (key == "set-cookie") continue;  // a session's credential
        const std::string shown = redact(value, secrets);
        out[key] = out.contains(key) ? out[key].get<std::string>() + ", " + shown : shown;
    }
    return out;
}

Error statusError(const HttpResponse& response, const Prepared& prepared) {
    Error error = errorFromStatus(prepared.what, response);
    // Unauthorized and Forbidden stop the whole account: right when its own credentials were refused, wrong
    // when one of many addresses wants some.
    const bool is_about_account = response.status == 401 && prepared.is_authorized;
    if (!is_about_account && (error.kind == ErrorKind::Unauthorized || error.kind == ErrorKind::Forbidden))
        error.kind = ErrorKind::Rejected;
    return error;
}

}  // namespace

Result<Receipt> readAnswer(const HttpResponse& response, const Prepared& prepared,
                           const AccountConfig& config, std::chrono::milliseconds duration) {
    const bool is_success = response.status >= 200 && response.status <= 299;
    if (prepared.fails_on_status && !is_success) return statusError(response, prepared);
    std::vector<Secret> secrets = config.secrets;
    secrets.insert(secrets.end(), prepared.secrets.begin(), prepared.secrets.end());
    Receipt receipt;
    receipt.state = DeliveryState::Delivered;
    receipt.content = {{"status", response.status},
                       {"headers", headersJson(response, secrets)},
                       {"duration_ms", duration.count()}};
    if (auto put = putBody(receipt.content, response, prepared, secrets); !put) return put.error();
    return receipt;
}

Error readFailure(Error error, const Prepared& prepared) {
    if (error.kind == ErrorKind::Uncertain && prepared.is_repeatable) error.kind = ErrorKind::Unavailable;
    // An address that the policy denies is this request's fault, not the account's.
    if (error.kind == ErrorKind::Forbidden) error.kind = ErrorKind::Rejected;
    return withContext(prepared.what, std::move(error));
}

}  // namespace signalbox::http_account
