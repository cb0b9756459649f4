#include "daemon/http/client_address.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>

namespace signalbox::http {
namespace {

namespace ip = boost::asio::ip;
using ErrorCode = boost::system::error_code;

// Some proxies add the port, and write an IPv6 address in brackets; both go.
std::optional<ip::address> readAddress(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    if (text.starts_with('[')) {
        text = text.substr(1, text.find(']') - 1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        text = text.substr(0, text.find(':'));
    }
    if (text.size() > 64) return std::nullopt;
    ErrorCode error;
    const auto address = ip::make_address(std::string(text), error);
    if (error) return std::nullopt;
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    return address;
}

// All of them as one list, as RFC 9110 says of a field that is there several times.
std::string listOf(const Headers& headers) {
    std::string list;
    for (const auto& [name, value] : headers)
        if (equalsIgnoringCase(name, "x-forwarded-for")) list.append(list.empty() ? "" : ",").append(value);
    return list;
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks) {
    TrustedProxies out;
    for (const std::string& text : networks) {
        const bool is_v6 = text.find(':') != std::string::npos;
        const bool is_one = text.find('/') == std::string::npos;
        ErrorCode error;
        if (is_v6) {
            out.v6_.push_back(ip::make_network_v6(is_one ? text + "/128" : text, error).canonical());
        } else {
            const auto network = ip::make_network_v4(is_one ? text + "/32" : text, error);
            if (!error) out.v4_.push_back(network.canonical());
        }
        if (error)
            return Error{ErrorKind::Invalid, "listen.trusted_proxies: " + text +
                                                 " is neither an address nor a network such as 10.0.0.0/8"};
    }
    return out;
}

bool TrustedProxies::trusts(const std::string& text) const {
    const auto address = readAddress(text);
    if (!address) return false;
    if (address->is_v4())
        return std::any_of(v4_.begin(), v4_.end(), [&](const ip::network_v4& network) {
            return ip::network_v4(address->to_v4(), network.prefix_length()).canonical() == network;
        });
    return std::any_of(v6_.begin(), v6_.end(), [&](const ip::network_v6& network) {
        return ip::network_v6(address->to_v6(), network.prefix_length()).canonical() == network;
    });
}

std::string TrustedProxies::clientOf(const std::string& peer, const Headers& headers) const {
    std::string client = peer;
    const std::string list = listOf(headers);
    for (auto end = list.size(); end > 0 && trusts(client);) {
        const auto comma = list.rfind(',', end - 1);
        const auto begin = comma == std::string::npos ? 0 : comma + 1;
        const auto named = readAddress(std::string_view(list).substr(begin, end - begin));
        if (!named) break;
        client = named->to_string();
        end = comma == std::string::npos ? 0 : comma;
    }
    return client;
}

}  // namespace signalbox::http
