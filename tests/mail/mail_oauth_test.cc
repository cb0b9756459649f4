// A mailbox by OAuth end to end: the daemon, Dovecot and Postfix with TLS and XOAUTH2, and an authorization
// server that checks everything.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iostream>

#include "tests/support/gateway.h"
#include "tests/support/mail_server.h"
#include "tests/support/oauth_server.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPublicUrl = "https://gateway.example.test";

std::string account(const DovecotServer& dovecot, const PostfixServer& postfix, const OAuthServer& oauth,
                    const std::string& ca_file) {
    return "  - {name: sales, type: email, address: sales@example.test, username: sales, ca_file: " +
           ca_file + ", oauth: {provider: other, client_id: " + OAuthServer::kClientId +
           ", client_secret: " + OAuthServer::kClientSecret + ", authorize_url: \"" + oauth.authorizeUrl() +
           "\", token_url: \"" + oauth.tokenUrl() + "\", scope: " + OAuthServer::kScope +
           "}, imap: {host: localhost, port: " + std::to_string(dovecot.imapsPort()) +
           ", security: tls}, smtp: {host: localhost, port: " + std::to_string(postfix.smtpPort()) +
           ", security: starttls}, backfill_from: all, poll_interval_s: 2}\nlisten:\n  public_url: " +
           kPublicUrl + "\n";
}

std::string mail(const std::string& id, const std::string& text) {
    return "From: ada@example.net\r\nTo: sales@example.test\r\nSubject: Offer\r\nMessage-ID: <" + id +
           "@x>\r\nDate: Thu, 26 Nov 2026 08:00:00 +0000\r\n\r\n" + text + "\r\n";
}

bool has(HttpCall& call, const std::string& text) {
    return dumpJson(call.json("/api/v1/messages?limit=200")).find(text) != std::string::npos;
}

BOOST_AUTO_TEST_CASE(consent_connects_a_mailbox_and_its_tokens_are_renewed_until_it_is_taken_back) {
    if (!DovecotServer::isInstalled() || !PostfixServer::isInstalled()) {
        std::cout << "left out: dovecot and postfix are not installed, or this is not root\n";
        return;
    }
    const std::string callback = std::string(kPublicUrl) + "/api/v1/oauth/callback";
    OAuthServer oauth("sales", callback);
    const Certificate certificate = makeCertificate("localhost");
    TempFolder folder;
    std::ofstream(folder.file("ca.pem")) << certificate.certificatePem();
    DovecotServer dovecot({"sales", "ada"}, {&certificate, oauth.tokenInfoUrl()});
    PostfixServer postfix(dovecot, "example.test", {"sales", "ada"});
    dovecot.deliver("sales", mail("m1", "first mail"));
    Gateway gateway(account(dovecot, postfix, oauth, folder.file("ca.pem")));
    gateway.start();
    HttpCall call(gateway.port(), gateway.token()), browser(gateway.port());

    // The person is sent to the provider and comes back with a code.
    const auto started = call.post("/api/v1/oauth/sales/start", Json::object());
    BOOST_REQUIRE_MESSAGE(started.status == 200, started.body);
    const std::string back = oauth.consent(textAt(*parseJson(started.body), "url"));
    BOOST_REQUIRE(back.starts_with(callback + "?"));
    const std::string target = back.substr(std::string(kPublicUrl).size());
    const auto forged = browser.get("/api/v1/oauth/callback?code=code-1&state=forged-by-somebody");
    const auto connected = browser.get(target), again = browser.get(target);
    BOOST_TEST(forged.status == 400);
    BOOST_TEST(connected.status == 200, connected.body);
    BOOST_TEST(again.status == 400);  // a state is good once
    BOOST_REQUIRE(gateway.eventually([&] { return has(call, "first mail"); }));

    // Sending logs in with the same token.
    const auto queued = call.post("/api/v1/messages", {{"account", "sales"},
                                                       {"to", "ada@example.test"},
                                                       {"type", "email"},
                                                       {"subject", "Hello"},
                                                       {"text", "by token"}});
    BOOST_REQUIRE_MESSAGE(queued.status == 202, queued.body);
    const auto status = [&] {
        return textAt(call.json("/api/v1/messages/" + textAt(*parseJson(queued.body), "id")), "status");
    };
    BOOST_TEST(gateway.eventually([&] { return status() == "sent"; }));

    // The hour is over: the server refuses the token, one new one is fetched and serves all.
    oauth.endAccessTokens();
    const auto checked = call.post("/api/v1/accounts/sales/check", Json::object());
    BOOST_TEST(checked.body.find("\"ok\":true") != std::string::npos, checked.body);
    BOOST_TEST(oauth.refreshes() == 1);
    dovecot.deliver("sales", mail("m2", "second mail"));
    BOOST_TEST(gateway.eventually([&] { return has(call, "second mail"); }, 60s));
    // The rotated token outlives the daemon, sealed.
    gateway.stop();
    oauth.endAccessTokens();
    dovecot.deliver("sales", mail("m3", "third mail"));
    gateway.start();
    HttpCall fresh(gateway.port(), gateway.token());
    BOOST_TEST(gateway.eventually([&] { return has(fresh, "third mail"); }, 60s));
    BOOST_TEST(oauth.complaints().empty(), (oauth.complaints().empty() ? "" : oauth.complaints().front()));

    // Taken back: a person is needed, and is told so.
    dovecot.kill();
    oauth.revoke();
    dovecot.start();
    const auto told = [&] {
        return dumpJson(fresh.json("/api/v1/accounts")).find("sign in again") != std::string::npos;
    };
    fresh.post("/api/v1/accounts/sales/fetch", Json::object());
    BOOST_TEST(gateway.eventually(told, 60s), dumpJson(fresh.json("/api/v1/accounts")));
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace
}  // namespace signalbox
