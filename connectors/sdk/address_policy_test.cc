#include <boost/test/unit_test.hpp>

#include "connectors/sdk/http_client.h"

namespace signalbox {
namespace {

bool isAllowed(const char* address, const AddressPolicy& policy = {}) {
    return checkAddress(policy, address).ok();
}

BOOST_AUTO_TEST_CASE(addresses_of_special_networks_are_denied) {
    const char* const denied[] = {
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:1:2::3",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:7f00:1",
    };

    for (const char* address : denied) BOOST_TEST(!isAllowed(address), address);
}

BOOST_AUTO_TEST_CASE(public_addresses_next_to_the_special_networks_are_allowed) {
    const char* const allowed[] = {
        "1.0.0.0",     "8.8.8.8",     "9.255.255.255", "11.0.0.0",        "100.63.255.255", "100.128.0.0",
        "126.0.0.1",   "128.0.0.1",   "169.253.0.1",   "169.255.0.1",     "172.15.0.1",     "172.32.0.1",
        "192.0.1.1",   "192.0.3.1",   "192.167.0.1",   "192.169.0.1",     "198.17.0.1",     "198.20.0.1",
        "203.0.112.1", "203.0.114.1", "223.255.255.1", "2606:4700::1111", "2001:1::1",      "2001:db9::1",
        "2003::1",     "64:ff9c::1",  "100:0:0:1::1",  "2a03:2880::1",
    };

    for (const char* address : allowed) BOOST_TEST(isAllowed(address), address);
}

BOOST_AUTO_TEST_CASE(text_that_is_no_numeric_address_is_denied_whatever_the_policy_allows) {
    for (const char* text : {"", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "fe80::1%eth0",
                             "1.2.3.4/8", "[::1]", "1.2.3.4\n"}) {
        BOOST_TEST(!isAllowed(text), text);
        BOOST_TEST(!isAllowed(text, {.allow_any = true}), text);
    }
}

BOOST_AUTO_TEST_CASE(a_network_that_the_admin_opened_is_allowed_and_nothing_beside_it) {
    const AddressPolicy policy{.allowed_networks = {"10.1.0.0/16", "::1/128", "192.168.7.9"}};

    for (const char* address : {"10.1.0.0", "10.1.255.255", "::1", "192.168.7.9", "::ffff:10.1.2.3"})
        BOOST_TEST(isAllowed(address, policy), address);
    for (const char* address :
         {"10.0.255.255", "10.2.0.0", "192.168.7.8", "127.0.0.1", "::2", "::ffff:10.2.0.1"})
        BOOST_TEST(!isAllowed(address, policy), address);
}

BOOST_AUTO_TEST_CASE(a_prefix_that_ends_inside_a_byte_is_compared_bit_by_bit) {
    const AddressPolicy policy{.allowed_networks = {"192.168.128.0/17", "fd00:8000::/17"}};

    BOOST_TEST(isAllowed("192.168.128.1", policy));
    BOOST_TEST(!isAllowed("192.168.127.255", policy));
    BOOST_TEST(isAllowed("fd00:ffff::1", policy));
    BOOST_TEST(!isAllowed("fd00:7fff::1", policy));
}

BOOST_AUTO_TEST_CASE(an_allowed_network_that_is_no_cidr_is_an_error_and_opens_nothing) {
    for (const char* network : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "everything", ""}) {
        const auto checked = checkAddress({.allowed_networks = {network}}, "10.0.0.1");

        BOOST_REQUIRE(!checked.ok());
        BOOST_TEST(toString(checked.error().kind) == "invalid");
    }
}

BOOST_AUTO_TEST_CASE(an_account_whose_base_url_an_admin_chose_may_reach_any_address) {
    for (const char* address : {"127.0.0.1", "10.0.0.1", "::1", "8.8.8.8"})
        BOOST_TEST(isAllowed(address, {.allow_any = true}), address);
}

}  // namespace
}  // namespace signalbox
