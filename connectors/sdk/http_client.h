// The one way out over HTTP. The implementation resolves the host, refuses addresses the policy denies,
// connects to exactly the address it checked, follows no redirects and keeps connections per host alive.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/result.h"

namespace signalbox {

struct HttpOptions {
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds read_timeout{15'000};   // until the first byte, and between bytes
    std::chrono::milliseconds total_timeout{30'000};  // from the first look-up to the last byte
    std::size_t max_response_bytes = 10 * 1024 * 1024;
};

// Thread-safe.
class HttpClient {
public:
    virtual ~HttpClient() = default;
    // request.target is an absolute http or https URL; Host and the framing headers are written here. Any
    // status is a response, also 3xx. Errors: Unavailable (nothing was sent, or a GET or HEAD got no complete
    // answer), Uncertain (any other method was sent and got none), Forbidden (address or port denied),
    // Rejected (the answer to a GET is too large), Invalid (URL or header). None of them quotes the path.
    virtual Result<HttpResponse> send(const HttpRequest& request, const HttpOptions& options,
                                      const std::stop_token& stop) = 0;
};

// Which addresses may be connected to. Denied by default: private, loopback, link-local, multicast,
// documentation and other special ranges of IPv4 and IPv6, also when embedded in an IPv6 address
// (reliability: SSRF).
struct AddressPolicy {
    bool allow_any = false;                     // the base_url of a configured account: an admin chose it
    std::vector<std::string> allowed_networks;  // CIDR that the admin opened ("127.0.0.0/8", "10.1.0.0/16")
    bool any_port = false;                      // else 80, 443, 8080, 8443 only
};
// The reason why `address` (numeric, without port) is denied, or Done.
Status checkAddress(const AddressPolicy& policy, std::string_view address);

std::unique_ptr<HttpClient> makeHttpClient(AddressPolicy policy);

// What an HTTP status of a provider means when its body says nothing better, with Retry-After read: 401
// Unauthorized, 403 Forbidden, 404 and 410 NotFound, 429 (and 503 with Retry-After) Throttled, 408, 425 and
// 5xx Unavailable, the rest Rejected. `what` names the call ("whatsapp send message"); the code is
// "http_429".
Error errorFromStatus(const std::string& what, const HttpResponse& response);

}  // namespace signalbox
