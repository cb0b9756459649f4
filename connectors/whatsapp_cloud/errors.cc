#include "connectors/whatsapp_cloud/errors.h"

#include <algorithm>
#include <iterator>

#include "connectors/sdk/http_client.h"

namespace signalbox::whatsapp_cloud {
namespace {

using std::chrono::seconds;

struct ErrorCode {
    std::int64_t first, last;
    ErrorClass error_class;
    // Where the whole account is too fast, sending pauses this long; a wait of 0 holds up the one recipient.
    seconds wait{0};
};

// https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
constexpr ErrorCode kCodes[] = {
    {0, 0, ErrorClass::Auth},
    {1, 2, ErrorClass::Transient},
    {3, 3, ErrorClass::Auth},
    {4, 4, ErrorClass::Throttle, seconds(60)},
    {10, 10, ErrorClass::Auth},
    {100, 100, ErrorClass::Request},
    {190, 190, ErrorClass::Auth},
    {200, 299, ErrorClass::Auth},
    {368, 368, ErrorClass::Account},
    {613, 613, ErrorClass::Throttle, seconds(60)},
    {80007, 80007, ErrorClass::Throttle, seconds(60)},
    {130429, 130429, ErrorClass::Throttle, seconds(2)},
    {130472, 130472, ErrorClass::Window},
    {130497, 130497, ErrorClass::Account},
    {131000, 131000, ErrorClass::Transient},
    {131008, 131009, ErrorClass::Request},
    {131014, 131014, ErrorClass::Request},
    {131016, 131016, ErrorClass::Transient},
    {131021, 131021, ErrorClass::Recipient},
    {131026, 131026, ErrorClass::Recipient},
    {131030, 131030, ErrorClass::Recipient},
    {131031, 131031, ErrorClass::Account},
    {131037, 131037, ErrorClass::Account},
    {131042, 131042, ErrorClass::Account},
    {131045, 131045, ErrorClass::Account},
    {131047, 131047, ErrorClass::Window},
    {131048, 131048, ErrorClass::Throttle, seconds(600)},
    {131049, 131050, ErrorClass::Window},
    {131051, 131052, ErrorClass::Request},
    {131053, 131053, ErrorClass::Transient},
    {131056, 131056, ErrorClass::Throttle},
    {131057, 131057, ErrorClass::Transient},
    {131062, 131062, ErrorClass::Recipient},
    {131063, 131063, ErrorClass::Account},
    {131064, 131064, ErrorClass::Window},
    {132000, 132099, ErrorClass::Template},
    {133016, 133016, ErrorClass::Throttle, seconds(600)},
    {135000, 135000, ErrorClass::Request},
};

const ErrorCode* find(std::int64_t code) {
    const auto* it = std::find_if(std::begin(kCodes), std::end(kCodes), [&](const ErrorCode& known) {
        return code >= known.first && code <= known.last;
    });
    return it == std::end(kCodes) ? nullptr : it;
}

ErrorKind kindOf(std::int64_t code, ErrorClass error_class, ErrorKind by_status) {
    switch (error_class) {
        case ErrorClass::Auth:
            return code == 0 || code == 190 ? ErrorKind::Unauthorized : ErrorKind::Forbidden;
        case ErrorClass::Account:
            return ErrorKind::Forbidden;
        case ErrorClass::Throttle:
            return ErrorKind::Throttled;
        case ErrorClass::Transient:
            return ErrorKind::Unavailable;
        case ErrorClass::Unknown:
            return by_status;
        default:
            return ErrorKind::Rejected;
    }
}

const char* adviceFor(std::int64_t code, ErrorClass error_class) {
    if (code == kOutsideWindow) return "; send a template instead";
    if (code == 190) return "; put a new access_token into the account's config";
    if (error_class == ErrorClass::Account) return "; see the account in Meta's business manager";
    if (error_class == ErrorClass::Template) return "; compare with the template in Meta's business manager";
    return "";
}

}  // namespace

ErrorClass classOf(std::int64_t code) {
    const ErrorCode* known = find(code);
    return known == nullptr ? ErrorClass::Unknown : known->error_class;
}

const char* toString(ErrorClass error_class) {
    constexpr const char* kWords[] = {"auth",    "throttle", "transient", "window", "recipient",
                                      "request", "template", "account",   "unknown"};
    return kWords[static_cast<std::size_t>(error_class)];
}

bool isRetryable(ErrorClass error_class) {
    return error_class == ErrorClass::Throttle || error_class == ErrorClass::Transient;
}

Error errorFromAnswer(const std::string& what, const HttpResponse& response) {
    Error error = errorFromStatus(what, response);
    const auto body = parseJson(response.body);
    if (!body || !memberAt(memberAt(*body, "error"), "code").is_number_integer()) return error;
    const Json& fault = memberAt(*body, "error");
    const std::int64_t code = numberAt(fault, "code");
    const ErrorCode* known = find(code);
    const ErrorClass error_class = classOf(code);
    error.kind = kindOf(code, error_class, error.kind);
    error.code = std::to_string(code);
    error.message = what + ": " + error.code + ' ' + describe(fault) + adviceFor(code, error_class);
    if (known != nullptr && known->wait.count() > 0)
        error.retry_after = std::max(error.retry_after.value_or(known->wait), known->wait);
    return error;
}

std::string describe(const Json& error) {
    for (const std::string& text : {textAt(memberAt(error, "error_data"), "details"),
                                    textAt(error, "message"), textAt(error, "title")}) {
        if (!text.empty()) return text;
    }
    return "no description";
}

}  // namespace signalbox::whatsapp_cloud
