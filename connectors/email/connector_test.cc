// The whole account against real servers on the loopback: Dovecot and Postfix with TLS. Left out, with a
// word, where they are not installed.
#include "connectors/sdk/connector.h"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iostream>

#include "tests/support/fake_clock.h"
#include "tests/support/mail_server.h"
#include "tests/support/schema_defaults.h"

namespace signalbox::email {

const ConnectorType& type();

namespace {

bool hasServers() {
    const bool are_there = DovecotServer::isInstalled() && PostfixServer::isInstalled();
    if (!are_there) std::cout << "left out: dovecot and postfix are not installed, or this is not root\n";
    return are_there;
}

struct Fixture {
    Fixture() { std::ofstream(ca_file()) << certificate.certificatePem(); }

    std::string ca_file() const { return folder.file("ca.pem"); }
    Json config(const Json& imap, const Json& smtp) const {
        return {{"address", "sales@example.test"},
                {"username", "sales"},
                {"password", DovecotServer::kPassword},
                {"imap", imap},
                {"smtp", smtp},
                {"ca_file", ca_file()}};
    }
    Result<std::unique_ptr<Connector>> make(Json config, bool is_from_api = false,
                                            AddressPolicy egress = {}) {
        return type().create({"sales", testing::withDefaults(type().config_schema, std::move(config)), *http,
                              clock, std::move(egress), is_from_api});
    }
    Status check(Json config) {
        auto made = make(std::move(config));
        if (!made) return made.error();
        return (*made)->check({});
    }

    TempFolder folder;
    const Certificate certificate = makeCertificate("localhost");
    FakeClock clock;
    std::unique_ptr<HttpClient> http = makeHttpClient({.allow_any = true, .any_port = true});
};

Json server(const std::string& host, int port, const std::string& security) {
    return {{"host", host}, {"port", port}, {"security", security}};
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(tls_and_starttls_log_in_both_ways_and_a_certificate_must_name_the_host, Fixture) {
    if (!hasServers()) return;
    DovecotServer dovecot({"sales"}, {&certificate, ""});
    PostfixServer postfix(dovecot, "example.test", {"sales"});
    const Json imaps = server("localhost", dovecot.imapsPort(), "tls"),
               imap = server("localhost", dovecot.imapPort(), "starttls"),
               smtps = server("localhost", postfix.smtpsPort(), "tls"),
               smtp = server("localhost", postfix.smtpPort(), "starttls");

    const auto tls = check(config(imaps, smtps)), starttls = check(config(imap, smtp));
    Json stranger = config(imaps, smtps), wrong = config(imap, smtp);
    stranger.erase("ca_file");
    wrong["password"] = "wrong";
    const auto by_address = check(config(server("127.0.0.1", dovecot.imapPort(), "starttls"), smtp)),
               unknown_authority = check(stranger), refused = check(wrong);

    BOOST_TEST(tls.ok(), (tls.ok() ? "" : tls.error().message));
    BOOST_TEST(starttls.ok(), (starttls.ok() ? "" : starttls.error().message));
    BOOST_REQUIRE(!by_address.ok() && !unknown_authority.ok() && !refused.ok());
    BOOST_TEST(by_address.error().code == "certificate", by_address.error().message);
    BOOST_TEST(unknown_authority.error().code == "certificate", unknown_authority.error().message);
    BOOST_TEST(toString(refused.error().kind) == "unauthorized");
}

BOOST_FIXTURE_TEST_CASE(a_server_that_cannot_encrypt_is_told_no_password, Fixture) {
    if (!hasServers()) return;
    DovecotServer dovecot({"sales"});
    PostfixServer postfix(dovecot, "example.test", {"sales"});
    const Json plain_imap = server("localhost", dovecot.imapPort(), "starttls");
    const Json no_imap = server("", 0, "tls");

    const auto imap = check(config(plain_imap, server("localhost", postfix.smtpPort(), "starttls")));
    const auto smtp = check(config(no_imap, server("localhost", postfix.smtpPort(), "starttls")));

    BOOST_REQUIRE(!imap.ok() && !smtp.ok());
    BOOST_TEST(imap.error().code == "starttls", imap.error().message);
    BOOST_TEST(smtp.error().code == "starttls", smtp.error().message);
    BOOST_TEST(dovecot.log().find("Login:") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_account_of_the_api_reaches_no_internal_server_and_reads_no_file, Fixture) {
    const int nobody = freePort();
    Json inside = config(server("localhost", nobody, "tls"), server("localhost", nobody, "tls"));
    inside.erase("ca_file");
    Json mapped = inside;
    mapped["imap"]["host"] = "::ffff:127.0.0.1";

    const auto denied = (*make(inside, true))->check({}), denied_too = (*make(mapped, true))->check({}),
               opened = (*make(inside, true, {.allowed_networks = {"127.0.0.0/8", "::1/128"}}))->check({}),
               of_the_file = (*make(inside))->check({});
    const auto with_file =
        make(config(server("localhost", nobody, "tls"), server("localhost", nobody, "tls")), true);

    BOOST_REQUIRE(!denied.ok() && !denied_too.ok() && !opened.ok() && !of_the_file.ok() && !with_file.ok());
    BOOST_TEST(toString(denied.error().kind) == "forbidden", denied.error().message);
    BOOST_TEST(toString(denied_too.error().kind) == "forbidden", denied_too.error().message);
    BOOST_TEST(toString(opened.error().kind) == "unavailable", opened.error().message);
    BOOST_TEST(toString(of_the_file.error().kind) == "unavailable", of_the_file.error().message);
    BOOST_TEST(with_file.error().message.find("ca_file") != std::string::npos);
}

}  // namespace signalbox::email
