#include <charconv>

#include "connectors/sdk/http_client.h"

namespace signalbox {
namespace {

// Retry-After as a date needs a clock; who sends one gets our own backoff.
std::optional<std::chrono::seconds> retryAfter(const HttpResponse& response) {
    const auto text = response.headers.get("retry-after");
    std::int64_t seconds = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || fault != std::errc() || end != text.data() + text.size() || seconds < 0)
        return std::nullopt;
    return std::chrono::seconds(seconds);
}

ErrorKind kindOf(int status, bool has_retry_after) {
    switch (status) {
        case 401:
            return ErrorKind::Unauthorized;
        case 403:
            return ErrorKind::Forbidden;
        case 404:
        case 410:
            return ErrorKind::NotFound;
        case 408:
        case 425:
            return ErrorKind::Unavailable;
        case 429:
            return ErrorKind::Throttled;
        case 501:
        case 505:
            return ErrorKind::Rejected;
        case 503:
            return has_retry_after ? ErrorKind::Throttled : ErrorKind::Unavailable;
        default:
            return status >= 500 ? ErrorKind::Unavailable : ErrorKind::Rejected;
    }
}

}  // namespace

Error errorFromStatus(const std::string& what, const HttpResponse& response) {
    const auto wait = retryAfter(response);
    return {kindOf(response.status, wait.has_value()),
            what + ": answered with HTTP status " + std::to_string(response.status), wait,
            "http_" + std::to_string(response.status)};
}

}  // namespace signalbox
