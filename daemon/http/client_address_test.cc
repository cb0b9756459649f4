#include "daemon/http/client_address.h"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace signalbox::http;

namespace {

const TrustedProxies kLoopback = *TrustedProxies::parse({"127.0.0.1", "::1"});

std::string client(const TrustedProxies& proxies, const std::string& peer, const std::string& list) {
    return proxies.clientOf(peer, {{"X-Forwarded-For", list}});
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_proxy_on_this_machine_says_who_asks) {
    BOOST_TEST(client(kLoopback, "127.0.0.1", "203.0.113.9") == "203.0.113.9");
    BOOST_TEST(client(kLoopback, "::1", "2001:db8::7") == "2001:db8::7");
    BOOST_TEST(client(kLoopback, "127.0.0.1", "203.0.113.9:4711") == "203.0.113.9");
    BOOST_TEST(client(kLoopback, "127.0.0.1", "[2001:db8::7]:4711") == "2001:db8::7");
    BOOST_TEST(client(kLoopback, "127.0.0.1", "::ffff:203.0.113.9") == "203.0.113.9");
    BOOST_TEST(kLoopback.clientOf("127.0.0.1", {}) == "127.0.0.1");
    BOOST_TEST(client(kLoopback, "127.0.0.1", "") == "127.0.0.1");
    BOOST_TEST(client(kLoopback, "127.0.0.1", "unknown") == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(what_a_visitor_says_of_himself_is_not_believed) {
    BOOST_TEST(client(kLoopback, "203.0.113.9", "198.51.100.1") == "203.0.113.9");
    BOOST_TEST(client(kLoopback, "127.0.0.1", "198.51.100.1, 203.0.113.9") == "203.0.113.9");
    const Headers twice = {{"x-forwarded-for", "198.51.100.1"}, {"x-forwarded-for", "203.0.113.9"}};
    BOOST_TEST(kLoopback.clientOf("127.0.0.1", twice) == "203.0.113.9");
    BOOST_TEST(!kLoopback.trusts("203.0.113.9"));
    BOOST_TEST(!TrustedProxies().trusts("127.0.0.1"));
}

BOOST_AUTO_TEST_CASE(behind_two_trusted_proxies_the_one_before_them_counts) {
    const auto proxies = *TrustedProxies::parse({"127.0.0.1", "10.1.0.0/16", "fd00::/8"});

    BOOST_TEST(client(proxies, "127.0.0.1", "1.1.1.1, 203.0.113.9, 10.1.2.3") == "203.0.113.9");
    BOOST_TEST(client(proxies, "fd00::5", "203.0.113.9, 10.2.2.3") == "10.2.2.3");
    BOOST_TEST(client(proxies, "10.1.2.3", "10.1.9.9") == "10.1.9.9");
}

BOOST_AUTO_TEST_CASE(what_is_no_network_is_refused_by_name) {
    for (const char* text : {"proxy.example", "10.0.0.0/33", "", "::1/129", "10.0.0/8"}) {
        const auto parsed = TrustedProxies::parse({text});
        BOOST_TEST(!parsed.ok(), text);
    }
    BOOST_TEST(TrustedProxies::parse({"nowhere"}).error().message.find("nowhere") != std::string::npos);
}
