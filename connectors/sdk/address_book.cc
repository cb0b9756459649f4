#include "connectors/sdk/address_book.h"

#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

namespace signalbox {
namespace {

constexpr std::uint16_t kUsualPorts[] = {80, 443, 8080, 8443};

Status checkPort(const AddressPolicy& policy, std::uint16_t port) {
    const bool is_usual =
        std::find(std::begin(kUsualPorts), std::end(kUsualPorts), port) != std::end(kUsualPorts);
    if (policy.any_port || is_usual) return Done{};
    return Error{ErrorKind::Forbidden,
                 "port " + std::to_string(port) + " is denied; use 80, 443, 8080 or 8443",
                 {},
                 "address_denied"};
}

Status checkNumeric(const AddressPolicy& policy, const addrinfo& entry) {
    char numeric[NI_MAXHOST] = "";
    if (getnameinfo(entry.ai_addr, entry.ai_addrlen, numeric, sizeof numeric, nullptr, 0, NI_NUMERICHOST) !=
        0)
        return Error{ErrorKind::Forbidden, "an address without a numeric form", {}, "address_denied"};
    return checkAddress(policy, numeric);
}

}  // namespace

Result<std::vector<sockaddr_storage>> resolve(const Url& url, const AddressPolicy& policy) {
    if (auto allowed = checkPort(policy, url.port); !allowed) return allowed.error();
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int fault = getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    if (fault != 0)
        return Error{
            ErrorKind::Unavailable, std::string("name lookup: ") + gai_strerror(fault), {}, "lookup"};

    std::vector<sockaddr_storage> addresses;
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
        if (auto allowed = checkNumeric(policy, *entry); !allowed) return allowed.error();
        std::memcpy(&addresses.emplace_back(), entry->ai_addr, entry->ai_addrlen);
    }
    if (addresses.empty()) return Error{ErrorKind::Unavailable, "name lookup: no address", {}, "lookup"};
    return addresses;
}

}  // namespace signalbox
