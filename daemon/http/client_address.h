// Who asks: the other end of the connection, or, where that is a proxy we trust, whom the proxy names in
// X-Forwarded-For. What counts attempts, lists sessions and notes who did what goes by this address alone
// (HttpRequest::remote_address). Set up once; then any thread.
#pragma once

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/result.h"

namespace signalbox::http {

class TrustedProxies {
public:
    TrustedProxies() = default;
    // Addresses (127.0.0.1, ::1) and networks (10.0.0.0/8); Invalid names the one that is neither.
    static Result<TrustedProxies> parse(const std::vector<std::string>& networks);

    bool trusts(const std::string& address) const;
    // `peer` must be trusted. Each proxy adds whom it was asked by at the end, so the list is read from
    // there, as far as those who said it are trusted: what a visitor wrote himself stands further in front.
    std::string clientOf(const std::string& peer, const Headers& headers) const;

private:
    std::vector<boost::asio::ip::network_v4> v4_;
    std::vector<boost::asio::ip::network_v6> v6_;
};

}  // namespace signalbox::http
