// Mails to several recipients of whom some are refused for now: each gets it once, whatever dies when.
#include <boost/test/unit_test.hpp>

#include "tests/support/mail_client.h"
#include "tests/support/smtp_script.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

Json mailTo(const std::string& to, const Json& cc, const std::string& text) {
    return {{"account", "sales"}, {"to", to},           {"cc", cc},
            {"type", "email"},    {"subject", "Offer"}, {"text", text}};
}

std::string stateOf(const Json& message, const std::string& recipient) {
    for (const Json& one : memberAt(message, "deliveries")) {
        if (textAt(one, "recipient") == recipient) return textAt(one, "state");
    }
    return "none";
}

std::string queue(HttpCall& call, const Json& mail) {
    const auto queued = call.post("/api/v1/messages", mail);
    BOOST_REQUIRE_MESSAGE(queued.status == 202, queued.body);
    return textAt(*parseJson(queued.body), "id");
}

// Without the lines that each delivery puts in front.
std::string asWritten(const std::string& mail) {
    const auto from = mail.find("From: ");
    return from == std::string::npos ? mail : mail.substr(from);
}

std::size_t countIn(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

BOOST_AUTO_TEST_CASE(who_is_refused_for_now_gets_the_same_mail_later_and_the_others_get_it_once) {
    if (!hasPostfix()) return;
    const std::vector<std::string> users = {"sales", "ada", "ben", "eve"};
    DovecotServer dovecot(users);
    PostfixServer postfix(dovecot, "example.test", users);
    postfix.answerRecipients(
        {{"ben@example.test", "450 4.2.1 mailbox busy"}, {"eve@example.test", "550 5.1.1 no such user"}});
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), postfix.smtpPort()));
    gateway.start();
    Json mail = mailTo("ada@example.test", {"ben@example.test", "eve@example.test"}, "to all of you");
    mail["html"] = "<p>to all of you</p>";
    HttpCall call = gateway.call();
    const std::string id = queue(call, mail);
    Json message;
    const auto shows = [&](const std::string& recipient, const std::string& state) {
        return gateway.eventually(
            [&] {
                message = gateway.call().json("/api/v1/messages/" + id);
                return stateOf(message, recipient) == state;
            },
            60s);
    };

    BOOST_TEST(shows("ben@example.test", "delayed"));
    BOOST_TEST(stateOf(message, "ada@example.test") == "accepted");
    BOOST_TEST(stateOf(message, "eve@example.test") == "failed");
    BOOST_TEST(textAt(message, "status") != "failed", dumpJson(message));
    BOOST_TEST(textAt(memberAt(message, "error"), "code") == "5.1.1");
    const Json rows = call.json("/api/v1/dead-letters?state=pending")["items"];
    BOOST_REQUIRE(rows.size() == 1U);
    BOOST_TEST(rows[0]["recipients"]["waiting"] == Json({"ben@example.test"}));
    // The conversation does not wait for ben.
    const std::string second = queue(call, {{"conversation_id", textAt(message, "conversation_id")},
                                            {"type", "email"},
                                            {"text", "and one more"}});
    BOOST_TEST(gateway.eventually([&] { return mailsIn(dovecot.maildir("ada")).size() == 2U; }, 30s));

    gateway.kill9();
    postfix.answerRecipients({});
    gateway.start();
    BOOST_TEST(shows("ben@example.test", "accepted"));

    BOOST_TEST(gateway.eventually([&] { return !mailsIn(dovecot.maildir("ben")).empty(); }, 30s));
    std::string first;
    for (const std::string& one : mailsIn(dovecot.maildir("ada"))) {
        if (one.find("to all of you") != std::string::npos && one.find("one more") == std::string::npos)
            first = one;
    }
    const auto late = mailsIn(dovecot.maildir("ben"));
    BOOST_REQUIRE(late.size() == 1U);
    BOOST_TEST(asWritten(late[0]) == asWritten(first));
    BOOST_TEST(headerOf(late[0], "Cc") == "ben@example.test, eve@example.test");
    BOOST_TEST(mailsIn(dovecot.maildir("ada")).size() == 2U);
    BOOST_TEST(mailsIn(dovecot.maildir("eve")).empty());
    // Copies follow what was sent; a third would be one too many.
    BOOST_TEST(
        gateway.eventually([&] { return mailsIn(dovecot.maildir("sales") + "/.Sent").size() >= 2U; }, 30s));
    BOOST_TEST(mailsIn(dovecot.maildir("sales") + "/.Sent").size() == 2U);
    BOOST_TEST(gateway.stop() == 0);
}

struct KilledAmongSeveral {
    KilledAmongSeveral()
        : smtp(SmtpScript::Answers{{".", SmtpScript::kHang}, {"RCPT TO:<ben@", "450 4.2.1 busy\r\n"}}),
          gateway(mailAccount("sales", dovecot.imapPort(), smtp.port())) {
        gateway.start();
        HttpCall call = gateway.call();
        id = queue(call, mailTo("ada@example.test", {"ben@example.test"}, "just then"));
        message_id = textAt(memberAt(shown(), "content"), "message_id");
        BOOST_REQUIRE(gateway.eventually([&] { return smtp.isHanging(); }));
        gateway.kill9();
    }
    Json shown() { return gateway.call().json("/api/v1/messages/" + id); }
    void putIntoSent() {
        dovecot.deliver("sales",
                        mailFrom("sales@example.test", "ada@example.test", message_id, "Offer", "just then"),
                        "Sent");
    }
    std::size_t timesOffered(const std::string& name) const {
        return countIn(smtp.received(), "RCPT TO:<" + name + "@example.test>");
    }

    DovecotServer dovecot{{"sales"}};
    SmtpScript smtp;
    Gateway gateway;
    std::string id, message_id;
};

BOOST_AUTO_TEST_CASE(a_daemon_killed_before_it_noted_who_has_the_mail_asks_the_folder_of_sent_mail) {
    if (!hasDovecot()) return;
    KilledAmongSeveral killed;

    killed.putIntoSent();
    killed.gateway.start();

    BOOST_TEST(killed.gateway.eventually(
        [&] { return stateOf(killed.shown(), "ada@example.test") == "accepted"; }, 200s));
    // Ben is asked again, alone.
    BOOST_TEST(killed.gateway.eventually([&] { return killed.timesOffered("ben") >= 3; }, 60s));
    BOOST_TEST(killed.timesOffered("ada") == 1U);
    BOOST_TEST(stateOf(killed.shown(), "ben@example.test") == "delayed");
    BOOST_TEST(killed.gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(what_nobody_knows_is_not_sent_while_the_folder_of_sent_mail_cannot_be_asked) {
    if (!hasDovecot()) return;
    KilledAmongSeveral killed;
    killed.dovecot.kill9();
    killed.gateway.start();
    const auto lookedUp = [&] {
        const Json rows = killed.gateway.call().json("/api/v1/dead-letters?state=pending")["items"];
        return !rows.empty() && textAt(memberAt(rows[0], "error"), "code") == "sent_not_asked" &&
               numberAt(rows[0], "attempts") >= 2;
    };
    BOOST_TEST(killed.gateway.eventually(lookedUp, 200s));
    BOOST_TEST(killed.timesOffered("ada") == 1U);

    killed.putIntoSent();
    killed.dovecot.start();

    BOOST_TEST(killed.gateway.eventually(
        [&] { return stateOf(killed.shown(), "ada@example.test") == "accepted"; }, 120s));
    BOOST_TEST(killed.timesOffered("ada") == 1U);
    BOOST_TEST(killed.gateway.stop() == 0);
}

}  // namespace
}  // namespace signalbox
