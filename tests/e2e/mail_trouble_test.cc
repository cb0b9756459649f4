// Mail servers that hang or refuse: others go on, the daemon stops at once, and people are told what to do.
#include <boost/test/unit_test.hpp>
#include <chrono>

#include "tests/support/loopback_server.h"
#include "tests/support/mail_client.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

Json mailbox(int imap_port, const std::string& security,
             const std::string& password = DovecotServer::kPassword, const std::string& host = "127.0.0.1") {
    return {{"name", "probe"},
            {"type", "email"},
            {"address", "sales@example.test"},
            {"username", "sales"},
            {"password", password},
            {"imap", {{"host", host}, {"port", imap_port}, {"security", security}}},
            {"request_timeout_s", 6}};
}

BOOST_AUTO_TEST_CASE(a_server_that_hangs_holds_up_neither_others_nor_the_end) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    LoopbackServer silent([](LoopbackServer::Peer& peer) { peer.readRequest(); });
    LoopbackServer greeting([](LoopbackServer::Peer& peer) {
        peer.write("* OK [CAPABILITY IMAP4rev1] and that is all\r\n");
        peer.readRequest();
    });
    std::string accounts = mailAccount("sales", dovecot.imapPort());
    for (int i = 0; i < 4; ++i) {
        accounts += mailAccount("silent" + std::to_string(i), silent.port());
        accounts += mailAccount("hanging" + std::to_string(i), greeting.port());
    }
    Gateway gateway(accounts);
    gateway.start();
    Box box(gateway);
    BOOST_REQUIRE(gateway.eventually([&] { return silent.accepted() >= 4 && greeting.accepted() >= 4; }));

    dovecot.deliver("sales", mailFrom("ada@example.net", "sales@example.test", "t1@x", "Offer", "in time"));
    BOOST_TEST(gateway.eventually([&] { return box.find("in time").is_object(); }, 10s));

    const auto begin = std::chrono::steady_clock::now();
    BOOST_TEST(gateway.stop() == 0);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    BOOST_TEST(took.count() < 10.0);  // one time-out alone is 20 s
}

BOOST_AUTO_TEST_CASE(an_account_that_does_not_work_says_where_and_what_to_do) {
    if (!hasDovecot()) return;
    const Certificate certificate = makeCertificate("localhost");
    DovecotServer plain({"sales"}), secure({"sales"}, {&certificate, ""});
    Gateway gateway("  []\negress:\n  allow_networks: ['127.0.0.0/8']\n  any_port: true\n");
    gateway.start();
    HttpCall call(gateway.port(), gateway.token());
    const auto testOf = [&](const Json& account) {
        const auto answer = call.post("/api/v1/accounts/test", account);
        BOOST_TEST(answer.status == 200, answer.body);
        return *parseJson(answer.body);
    };
    const auto troubleOf = [&](const Json& account, const std::string& part) {
        const Json answer = testOf(account);
        const std::string message = textAt(memberAt(answer, "error"), "message");
        BOOST_TEST_MESSAGE(message);
        BOOST_TEST(!flagAt(answer, "ok"));
        BOOST_TEST(message.find(part) != std::string::npos, message);
        BOOST_TEST(message.find(":") != std::string::npos, message);
        BOOST_TEST(message.find(DovecotServer::kPassword) == std::string::npos, message);
    };

    BOOST_TEST(flagAt(testOf(mailbox(plain.imapPort(), "none")), "ok"));
    troubleOf(mailbox(plain.imapPort(), "none", "wrong"), "check username and password");
    troubleOf(mailbox(freePort(), "none"), "nothing listens there; usual are 993");
    troubleOf(mailbox(plain.imapPort(), "tls"), "set security: starttls");
    troubleOf(mailbox(plain.imapPort(), "starttls"), "set security: tls and port 993");
    troubleOf(mailbox(secure.imapsPort(), "none"), "set security: tls");
    troubleOf(mailbox(secure.imapsPort(), "tls", DovecotServer::kPassword, "localhost"), "certificate");
    troubleOf(mailbox(993, "tls", "any word", "no-such-host.invalid"), "check imap.host");

    // Sending is tested, too.
    LoopbackServer closed([](LoopbackServer::Peer& peer) { peer.write("554 no service here\r\n"); });
    Json both = mailbox(plain.imapPort(), "none");
    both["smtp"] = {{"host", "127.0.0.1"}, {"port", closed.port()}, {"security", "none"}, {"login", false}};
    troubleOf(both, "smtp greeting: the server answers 554 no service here");
    both["smtp"]["port"] = freePort();
    troubleOf(both, "usual are 465 with security: tls, 587 with starttls");
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace
}  // namespace signalbox
