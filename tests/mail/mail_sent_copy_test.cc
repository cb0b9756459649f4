// Copies for the folder of sent mail where the mailbox does not take them at once; folders that vanish.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "tests/support/imap_script.h"
#include "tests/support/mail_client.h"
#include "tests/support/smtp_script.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::size_t copiesIn(const DovecotServer& dovecot) {
    return mailsIn(dovecot.maildir("sales") + "/.Sent").size();
}

Json accountOf(Gateway& gateway) {
    return gateway.call().json("/api/v1/accounts")["items"][0];
}

BOOST_AUTO_TEST_CASE(a_copy_that_the_mailbox_does_not_take_comes_later_once_and_holds_up_nothing) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    SmtpScript smtp(SmtpScript::Answers{});
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), smtp.port()));
    gateway.start();
    dovecot.kill9();
    const auto send = [&](const std::string& text) {
        const auto queued = gateway.call().post("/api/v1/messages", {{"account", "sales"},
                                                                     {"to", "ada@example.net"},
                                                                     {"type", "email"},
                                                                     {"subject", "Offer"},
                                                                     {"text", text},
                                                                     {"html", "<p>" + text + "</p>"}});
        BOOST_REQUIRE_MESSAGE(queued.status == 202, queued.body);
        return textAt(*parseJson(queued.body), "id");
    };
    const auto isSent = [&](const std::string& id) {
        return gateway.eventually(
            [&] { return textAt(gateway.call().json("/api/v1/messages/" + id), "status") == "accepted"; });
    };

    BOOST_TEST(isSent(send("the first")));
    BOOST_TEST(isSent(send("the second")));
    BOOST_TEST(gateway.eventually(
        [&] {
            const Json warnings = memberAt(accountOf(gateway), "warnings");
            return warnings.is_array() && textAt(warnings[0], "code") == "sent_copies";
        },
        90s));
    gateway.kill9();
    dovecot.start();
    gateway.start();

    BOOST_TEST(gateway.eventually([&] { return copiesIn(dovecot) == 2U; }, 180s));
    BOOST_TEST(gateway.eventually([&] { return !accountOf(gateway).contains("warnings"); }, 60s));
    const std::string all = smtp.received();
    std::size_t ends = 0;
    for (auto at = all.find("\r\n.\r\n"); at != std::string::npos; at = all.find("\r\n.\r\n", at + 1)) ++ends;
    BOOST_TEST(ends == 2U);  // handed in once each
    std::this_thread::sleep_for(2500ms);
    BOOST_TEST(copiesIn(dovecot) == 2U);
    for (const std::string& copy : mailsIn(dovecot.maildir("sales") + "/.Sent")) {
        const std::string body = copy.substr(copy.find("--=-"));
        BOOST_TEST(all.find(body.substr(0, body.find('\n') - 1)) != std::string::npos);  // the same boundary
    }
    BOOST_TEST(gateway.stop() == 0);
}

// An empty mailbox that never answers when a copy is put into it.
class HangingMailbox {
public:
    ~HangingMailbox() { is_over_ = true; }
    std::uint16_t port() const { return script_.port(); }
    int appends() const { return appends_; }

private:
    std::optional<std::string> answerTo(const std::string& command) {
        const auto has = [&](const char* word) { return command.find(word) != std::string::npos; };
        if (has("CAPABILITY")) return "* CAPABILITY IMAP4rev1 UIDPLUS\r\n";
        if (has("LIST")) return "* LIST () \"/\" \"INBOX\"\r\n* LIST (\\Sent) \"/\" \"Sent\"\r\n";
        if (has("SELECT"))
            return "* FLAGS (\\Seen)\r\n* 0 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] x\r\n"
                   "* OK [UIDNEXT 1] x\r\n";
        if (!has("APPEND")) return "";
        ++appends_;
        while (!is_over_) std::this_thread::sleep_for(5ms);
        return std::nullopt;
    }

    std::atomic<bool> is_over_ = false;
    std::atomic<int> appends_ = 0;
    ImapScript script_{[this](const std::string& command) { return answerTo(command); }};
};

BOOST_AUTO_TEST_CASE(a_mailbox_that_hangs_at_the_copy_delays_neither_the_state_nor_the_next_mails) {
    HangingMailbox mailbox;
    SmtpScript smtp(SmtpScript::Answers{});
    Gateway gateway(mailAccount("sales", mailbox.port(), smtp.port(), ", request_timeout_s: 300"));
    gateway.start();
    const auto sends = [&](int number) {
        const auto queued = gateway.call().post("/api/v1/messages", {{"account", "sales"},
                                                                     {"to", "ada@example.net"},
                                                                     {"type", "email"},
                                                                     {"subject", "Offer"},
                                                                     {"text", std::to_string(number)}});
        BOOST_REQUIRE_MESSAGE(queued.status == 202, queued.body);
        const std::string id = textAt(*parseJson(queued.body), "id");
        return gateway.eventually(
            [&] { return textAt(gateway.call().json("/api/v1/messages/" + id), "status") == "accepted"; });
    };

    BOOST_TEST(sends(0));
    BOOST_TEST(gateway.eventually([&] { return mailbox.appends() == 1; }));
    for (int i = 1; i < 6; ++i) BOOST_TEST(sends(i));

    BOOST_TEST(mailbox.appends() == 1);  // the others wait for it, on no thread
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_folder_is_followed_by_the_name_that_people_give_it) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    dovecot.deliver("sales", mailFrom("bob@example.net", "sales@example.test", "o@x", "Old", "an order"),
                    "Auftr&AOQ-ge");
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), 0, ", folders: [INBOX, Aufträge]"));
    gateway.start();
    Box box(gateway);

    BOOST_TEST(gateway.eventually([&] { return box.find("an order").is_object(); }));
    BOOST_TEST(!accountOf(gateway).contains("warnings"));
    BOOST_TEST(gateway.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_folder_that_vanishes_keeps_no_mail_from_the_others_and_is_told) {
    if (!hasDovecot()) return;
    DovecotServer dovecot({"sales"});
    dovecot.deliver("sales", mailFrom("bob@example.net", "sales@example.test", "o@x", "Old", "an old one"),
                    "Archive");
    Gateway gateway(mailAccount("sales", dovecot.imapPort(), 0, ", folders: [INBOX, Archive]"));
    gateway.start();
    Box box(gateway);
    BOOST_REQUIRE(gateway.eventually([&] { return box.find("an old one").is_object(); }));
    const fs::path archive = fs::path(dovecot.maildir("sales")) / ".Archive";

    fs::rename(archive, fs::path(dovecot.maildir("sales")) / ".Older");
    box.call.post("/api/v1/accounts/sales/fetch", Json::object());
    dovecot.deliver("sales", mailFrom("ada@example.net", "sales@example.test", "n@x", "New", "a new one"));

    BOOST_TEST(gateway.eventually([&] { return box.find("a new one").is_object(); }, 30s));
    BOOST_TEST(gateway.eventually([&] {
        const Json warnings = memberAt(accountOf(gateway), "warnings");
        return warnings.is_array() &&
               textAt(warnings[0], "message").find("folder Archive cannot be opened") != std::string::npos;
    }));
    BOOST_TEST(textAt(accountOf(gateway), "state") == "connected");

    fs::rename(fs::path(dovecot.maildir("sales")) / ".Older", archive);
    box.call.post("/api/v1/accounts/sales/fetch", Json::object());
    BOOST_TEST(gateway.eventually([&] { return !accountOf(gateway).contains("warnings"); }));
    BOOST_TEST(box.messages().size() == 2U);
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace
}  // namespace signalbox
