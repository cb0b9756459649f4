#include "connectors/email/discover.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/loopback_server.h"
#include "tests/support/scripted_http.h"

namespace signalbox::email {
namespace {

constexpr const char* kFile =
    R"(<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="example.org">
<incomingServer type="pop3"><hostname>pop.example.org</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
<incomingServer type="imap"><hostname>plain.example.org</hostname><port>143</port><socketType>plain</socketType></incomingServer>
<incomingServer type="imap"><hostname>imap.example.org</hostname><port>993</port><socketType>SSL</socketType>
<username>%EMAILLOCALPART%</username><authentication>password-cleartext</authentication></incomingServer>
<outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>587</port><socketType>STARTTLS</socketType></outgoingServer>
</emailProvider></clientConfig>)";

Result<Discovered> find(const std::string& address, ScriptedHttp& http,
                        std::vector<std::string> exchangers = {}) {
    return discover(address, {http, [exchangers](const std::string&) { return exchangers; }}, {});
}

BOOST_AUTO_TEST_CASE(well_known_providers_are_found_by_domain_and_by_mail_exchanger) {
    ScriptedHttp http;

    const auto gmail = find("ada@gmail.com", http),
               workspace = find("ada@example.org", http, {"aspmx.l.google.com"}),
               exchange = find("ada@example.org", http, {"example-org.mail.protection.outlook.com"}),
               zoho = find("ada@example.org", http, {"mx.zoho.eu"});

    BOOST_REQUIRE((gmail.ok() && workspace.ok() && exchange.ok() && zoho.ok()));
    BOOST_TEST(gmail->provider.imap.host == "imap.gmail.com");
    BOOST_TEST(workspace->provider.imap.host == "imap.gmail.com");
    BOOST_TEST(exchange->provider.smtp.host == "smtp.office365.com");
    BOOST_TEST(zoho->provider.imap.host == "imap.zoho.eu");
    BOOST_TEST(http.requests().empty());
}

BOOST_AUTO_TEST_CASE(a_providers_file_names_the_encrypted_servers) {
    ScriptedHttp http{reply(404), reply(200, kFile)};

    const auto found = find("ada@example.org", http);

    BOOST_REQUIRE(found.ok());
    BOOST_TEST(found->provider.imap.host == "imap.example.org");
    BOOST_TEST(found->provider.smtp.port == 587);
    BOOST_TEST(found->username == "ada");
    for (const auto& request : http.requests()) BOOST_TEST(request.target.starts_with("https://"));
}

BOOST_AUTO_TEST_CASE(a_file_is_fetched_over_the_network_and_an_internal_place_is_not_asked) {
    std::vector<std::string> asked;
    LoopbackServer server([&](LoopbackServer::Peer& peer) {
        const std::string request = peer.readRequest();
        asked.push_back(request.substr(0, request.find('\r')));
        const bool is_second = request.starts_with("GET /well-known");
        peer.write(is_second ? okResponse(kFile)
                             : "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    });
    const std::vector<std::string> places = {server.url("/first?for={address}"),
                                             server.url("/well-known/{domain}")};
    const auto nobody = [](const std::string&) { return std::vector<std::string>{}; };
    const auto open = makeHttpClient({.allow_any = true, .any_port = true}), guarded = makeHttpClient({});

    const auto refused = discover("ada+x@Example.ORG", {*guarded, nobody, places}, {});
    const bool was_asked = !asked.empty();
    const auto found = discover("ada+x@Example.ORG", {*open, nobody, places}, {});

    BOOST_TEST(!refused.ok());
    BOOST_TEST(!was_asked);
    BOOST_REQUIRE_MESSAGE(found.ok(), (found.ok() ? "" : found.error().message));
    BOOST_TEST(found->provider.imap.host == "imap.example.org");
    BOOST_REQUIRE(asked.size() == 2U);
    BOOST_TEST(asked[0].starts_with("GET /first?for=ada%2Bx%40Example.ORG "));
    BOOST_TEST(asked[1].starts_with("GET /well-known/example.org "));
}

BOOST_AUTO_TEST_CASE(what_is_no_such_file_is_passed_by) {
    ScriptedHttp http{reply(200, "<html>not found</html>"),
                      reply(200, "<!DOCTYPE x [<!ENTITY a \"b\">]>" + std::string(kFile)), reply(500)};

    const auto found = find("ada@example.org", http);

    BOOST_REQUIRE(!found.ok());
    BOOST_TEST(toString(found.error().kind) == "not_found");
    BOOST_TEST(!find("no address", http).ok());
    BOOST_TEST(!find("ada@exa/mple", http).ok());
}

BOOST_AUTO_TEST_CASE(a_file_for_many_domains_is_filled_in_and_its_comments_do_not_count) {
    const auto found = readAutoconfig(
        "<clientConfig><!-- <incomingServer type=\"imap\"><hostname>old.example</hostname><port>993</port>"
        "<socketType>SSL</socketType></incomingServer> -->"
        "<incomingServer type='imap'><hostname>mail.%EMAILDOMAIN%</hostname><port>993</port>"
        "<socketType>SSL</socketType><username>%EMAILLOCALPART%</username></incomingServer>"
        "<outgoingServer type='smtp'><hostname>mail.%EMAILDOMAIN%</hostname><port>587</port>"
        "<socketType>STARTTLS</socketType></outgoingServer></clientConfig>",
        "ada@example.org");

    BOOST_REQUIRE(found.ok());
    BOOST_TEST(found->provider.imap.host == "mail.example.org");
    BOOST_TEST(found->provider.smtp.host == "mail.example.org");
    BOOST_TEST(found->username == "ada");
}

}  // namespace
}  // namespace signalbox::email
