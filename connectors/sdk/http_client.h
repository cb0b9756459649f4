// The one way out over HTTP. The implementation (http_client.cc, the only file that knows cpp-httplib)
// resolves the host, refuses addresses the policy denies, connects to exactly the address it checked, follows
// no redirects and keeps connections per host alive.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/result.h"

namespace signalbox {

struct HttpOptions {
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds read_timeout{15'000};  // until the first byte, and between bytes
    std::size_t max_response_bytes = 10 * 1024 * 1024;
};

// Thread-safe.
class HttpClient {
public:
    virtual ~HttpClient() = default;
    // request.target is an absolute http or https URL. Any status is a response, also 3xx. Errors:
    // Unavailable (nothing was sent), Uncertain (sent, no complete answer), Forbidden (address denied),
    // Invalid (URL).
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

// What an HTTP status of a provider means when its body says nothing better (408, 425, 429, 5xx, 401, 403 …),
// with Retry-After read. `what` names the call: "whatsapp send message".
Error errorFromStatus(const std::string& what, const HttpResponse& response);

}  // namespace signalbox
