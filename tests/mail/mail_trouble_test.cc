// Mail servers that hang or refuse: others go on, the daemon stops at once, and people are told what to do.
#include <boost/test/unit_test.hpp>
#include <chrono>

#include "tests/support/loopback_server.h"
#include "tests/support/mail_client.h"
#include "tests/support/smtp_script.h"

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

std::string sendFrom(Gateway& gateway, const std::string& account) {
    const auto queued = gateway.call().post("/api/v1/messages", {{"account", account},
                                                                 {"to", "ada@example.net"},
                                                                 {"type", "email"},
                                                                 {"subject", "Offer"},
                                                                 {"text", "hello"}});
    BOOST_REQUIRE_MESSAGE(queued.status == 202, queued.body);
    return textAt(*parseJson(queued.body), "id");
}

BOOST_AUTO_TEST_CASE(a_server_that_refuses_the_session_keeps_mails_waiting_or_calls_somebody) {
    LoopbackServer closed([](LoopbackServer::Peer& peer) { peer.write("554 no service here\r\n"); });
    SmtpScript strict(SmtpScript::Answers{{"MAIL", "530 5.7.0 Authentication required\r\n"}});
    SmtpScript small(SmtpScript::Answers{{"EHLO", "250-test\r\n250 SIZE 200\r\n"}});
    const auto sender = [](const std::string& name, int port) {
        return "  - {name: " + name + ", type: email, address: " + name +
               "@example.test, password: x, smtp: {host: 127.0.0.1, port: " + std::to_string(port) +
               ", security: none, login: false}}\n";
    };
    Gateway gateway(sender("closed", closed.port()) + sender("nobody", freePort()) +
                    sender("strict", strict.port()) + sender("small", small.port()));
    gateway.start();
    const std::string to_closed = sendFrom(gateway, "closed"), to_nobody = sendFrom(gateway, "nobody"),
                      to_strict = sendFrom(gateway, "strict"), to_small = sendFrom(gateway, "small");
    const auto message = [&](const std::string& id) { return gateway.call().json("/api/v1/messages/" + id); };
    const auto waits = [&](const std::string& account, const std::string& why) {
        return gateway.eventually([&] {
            const Json rows =
                gateway.call().json("/api/v1/dead-letters?state=pending&account=" + account)["items"];
            return rows.size() == 1 && numberAt(rows[0], "attempts") >= 2 &&
                   textAt(memberAt(rows[0], "error"), "message").find(why) != std::string::npos;
        });
    };

    BOOST_TEST(waits("closed", "554 no service here"));
    BOOST_TEST(waits("nobody", "nothing listens there"));
    BOOST_TEST(gateway.eventually([&] { return textAt(message(to_strict), "status") == "blocked"; }));
    BOOST_TEST(gateway.eventually([&] { return textAt(message(to_small), "status") == "failed"; }));

    BOOST_TEST(textAt(message(to_closed), "status") == "queued");
    BOOST_TEST(textAt(message(to_nobody), "status") == "queued");
    for (const Json& account : gateway.call().json("/api/v1/accounts")["items"].get<std::vector<Json>>()) {
        if (textAt(account, "name") != "strict") continue;
        BOOST_TEST(textAt(account, "state") == "blocked");
        BOOST_TEST(textAt(account, "state_reason").find("set smtp.login: true") != std::string::npos,
                   dumpJson(account));
    }
    const std::string why = textAt(memberAt(message(to_small), "error"), "message");
    BOOST_TEST(why.find("the server takes at most 200") != std::string::npos, why);
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace
}  // namespace signalbox
