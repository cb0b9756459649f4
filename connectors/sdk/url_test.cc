#include "connectors/sdk/url.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {
namespace {

BOOST_AUTO_TEST_CASE(a_url_is_taken_apart) {
    const auto url = parseUrl("HTTPS://API.example.test:8443/a/b?x=1&y=%20#rc=2");

    BOOST_REQUIRE(url.ok());
    BOOST_TEST(url->is_tls);
    BOOST_TEST(url->host == "api.example.test");
    BOOST_TEST(url->port == 8443);
    BOOST_TEST(url->target == "/a/b?x=1&y=%20");
    BOOST_TEST(url->origin() == "https://api.example.test:8443");
}

BOOST_AUTO_TEST_CASE(the_schemes_own_port_makes_no_other_origin) {
    BOOST_TEST(parseUrl("https://a.test/x")->origin() == parseUrl("https://A.test:443/y")->origin());
    BOOST_TEST(parseUrl("http://a.test")->origin() != parseUrl("https://a.test")->origin());
    BOOST_TEST(parseUrl("http://a.test:81")->origin() == "http://a.test:81");
}

BOOST_AUTO_TEST_CASE(a_url_without_a_path_asks_for_the_root) {
    BOOST_TEST(parseUrl("https://a.test")->target == "/");
    BOOST_TEST(parseUrl("https://a.test?x=1")->target == "/?x=1");
    BOOST_TEST(parseUrl("https://a.test#x?y/z")->target == "/");
}

BOOST_AUTO_TEST_CASE(an_ipv6_host_stands_in_brackets_only_in_the_authority) {
    const auto url = parseUrl("http://[::1]:8080/x");

    BOOST_REQUIRE(url.ok());
    BOOST_TEST(url->host == "::1");
    BOOST_TEST(url->authority() == "[::1]:8080");
}

BOOST_AUTO_TEST_CASE(what_could_hide_another_host_is_no_url) {
    for (const char* text :
         {"https://good.test@evil.test/", "https://evil.test\\@good.test/", "https://evil.test\\good",
          "https:///x", "ftp://a.test/", "//a.test/", "a.test/x", "https://a.test/\r\nHost: b",
          "https://a test/", "https://a.test:99999/", "https://a.test:0/", "https://a.test:8x/",
          "https://a.test:/", "http://[::1", "http://[::1]8080/", "http://[g::1]/",
          "https://b\xC3\xBC"
          "cher.test/",
          "https://a.test/\xC3\xBC", ""}) {
        BOOST_TEST(!parseUrl(text).ok(), text);
    }
}

}  // namespace
}  // namespace signalbox
