#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "connectors/sdk/http_client.h"

namespace signalbox {
namespace {

// IPv4 is kept as ::ffff:a.b.c.d, so that one comparison serves both families.
using Bytes = std::array<unsigned char, 16>;

struct Network {
    Bytes base;
    int prefix = 0;  // bits, counted in the 128-bit form
};

struct Denied {
    const char* network;
    const char* reason;
};

// The special-purpose registries of IANA (RFC 6890 and its successors). Ranges that carry an IPv4 address
// inside (mapped, NAT64, Teredo, 6to4) are denied as a whole: behind them may stand any of the private ones.
constexpr Denied kDenied[] = {
    {"0.0.0.0/8", "unspecified"},
    {"10.0.0.0/8", "private"},
    {"100.64.0.0/10", "shared by carriers"},
    {"127.0.0.0/8", "loopback"},
    {"169.254.0.0/16", "link-local"},
    {"172.16.0.0/12", "private"},
    {"192.0.0.0/24", "special"},
    {"192.0.2.0/24", "documentation"},
    {"192.88.99.0/24", "6to4 relay"},
    {"192.168.0.0/16", "private"},
    {"198.18.0.0/15", "benchmarking"},
    {"198.51.100.0/24", "documentation"},
    {"203.0.113.0/24", "documentation"},
    {"224.0.0.0/4", "multicast"},
    {"240.0.0.0/4", "reserved"},
    {"::/96", "unspecified, loopback or IPv4-compatible"},
    {"64:ff9b::/96", "NAT64"},
    {"64:ff9b:1::/48", "NAT64"},
    {"100::/64", "discard"},
    {"2001::/32", "Teredo"},
    {"2001:db8::/32", "documentation"},
    {"2002::/16", "6to4"},
    {"fc00::/7", "private"},
    {"fe80::/10", "link-local"},
    {"fec0::/10", "site-local"},
    {"ff00::/8", "multicast"},
};

struct Address {
    Bytes bytes;
    bool is_v4 = false;
    bool is_mapped = false;  // written as ::ffff:a.b.c.d
};

std::optional<Address> parseAddress(std::string_view text) {
    const std::string copy(text);
    Address address{};
    if (inet_pton(AF_INET, copy.c_str(), address.bytes.data() + 12) == 1) {
        address.bytes[10] = address.bytes[11] = 0xff;
        address.is_v4 = true;
        return address;
    }
    if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) != 1) return std::nullopt;
    constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    address.is_mapped = std::memcmp(address.bytes.data(), kMapped, sizeof kMapped) == 0;
    return address;
}

std::optional<Network> parseNetwork(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parseAddress(text.substr(0, slash));
    if (!address) return std::nullopt;
    const int most = address->is_v4 ? 32 : 128;
    int prefix = most;
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (fault != std::errc() || end != digits.data() + digits.size() || prefix < 0 || prefix > most)
            return std::nullopt;
    }
    return Network{address->bytes, prefix + 128 - most};
}

bool contains(const Network& network, const Bytes& address) {
    const int whole = network.prefix / 8;
    if (std::memcmp(network.base.data(), address.data(), static_cast<std::size_t>(whole)) != 0) return false;
    const int rest = network.prefix % 8;
    if (rest == 0) return true;
    const auto at = static_cast<std::size_t>(whole);
    return ((network.base[at] ^ address[at]) >> (8 - rest)) == 0;
}

struct DeniedNetwork {
    Network network;
    const char* reason;
};

const std::vector<DeniedNetwork>& deniedNetworks() {
    static const std::vector<DeniedNetwork> networks = [] {
        std::vector<DeniedNetwork> parsed;
        for (const auto& denied : kDenied) parsed.push_back({*parseNetwork(denied.network), denied.reason});
        return parsed;
    }();
    return networks;
}

Error deny(std::string_view address, const std::string& reason) {
    return {ErrorKind::Forbidden,
            "address " + std::string(address) + " is " + reason +
                "; an administrator may open its network (egress.allow_networks in the configuration)",
            {},
            "address_denied"};
}

}  // namespace

Status checkAddress(const AddressPolicy& policy, std::string_view text) {
    const auto address = parseAddress(text);
    if (!address) return deny(text, "not a numeric address");
    if (policy.allow_any) return Done{};
    for (const auto& allowed : policy.allowed_networks) {
        const auto network = parseNetwork(allowed);
        if (!network) return Error{ErrorKind::Invalid, "allowed network \"" + allowed + "\" is no CIDR"};
        if (contains(*network, address->bytes)) return Done{};
    }
    if (address->is_mapped) return deny(text, "an IPv4 address written as IPv6");
    for (const auto& denied : deniedNetworks()) {
        if (contains(denied.network, address->bytes)) return deny(text, denied.reason);
    }
    return Done{};
}

}  // namespace signalbox
