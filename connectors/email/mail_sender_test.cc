// What is sent again and what is not, and where copies go, against scripted servers.
#include "connectors/email/mail_sender.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/imap_script.h"
#include "tests/support/smtp_script.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace signalbox::email {
namespace {

// A mailbox with a folder Sent that answers as the test says where it says something.
class ScriptedMailbox {
public:
    using Answers = std::vector<std::pair<std::string, std::string>>;  // word of a command → answer; «%»: tag
    explicit ScriptedMailbox(Answers answers) : answers_(std::move(answers)) {}
    std::uint16_t port() const { return script_.port(); }
    bool wasAsked(const std::string& word) const {
        std::lock_guard lock(mutex_);
        return std::any_of(commands_.begin(), commands_.end(),
                           [&](const std::string& one) { return one.find(word) != std::string::npos; });
    }

private:
    std::optional<std::string> answerTo(const std::string& command) {
        {
            std::lock_guard lock(mutex_);
            commands_.push_back(command);
        }
        const auto has = [&](const std::string& word) { return command.find(word) != std::string::npos; };
        for (const auto& [word, answer] : answers_) {
            if (!has(word)) continue;
            if (answer.empty()) return std::nullopt;
            const auto tag = answer.find('%');
            if (tag == std::string::npos) return answer;
            return answer.substr(0, tag) + command.substr(0, command.find(' ')) + answer.substr(tag + 1);
        }
        if (has("CAPABILITY")) return "* CAPABILITY IMAP4rev1\r\n";
        if (has("LIST")) return "* LIST () \"/\" \"INBOX\"\r\n* LIST (\\Sent) \"/\" \"Sent\"\r\n";
        if (has("SELECT"))
            return "* FLAGS (\\Seen)\r\n* 3 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] x\r\n";
        return has("SEARCH") ? "* SEARCH\r\n" : "";
    }

    const Answers answers_;
    mutable std::mutex mutex_;
    std::vector<std::string> commands_;
    ImapScript script_{[this](const std::string& command) { return answerTo(command); }};
};

struct Fixture {
    explicit Fixture(ScriptedMailbox::Answers answers = {}) : mailbox(std::move(answers)) {
        config.address = config.username = "sales@example.org";
        config.imap = {"127.0.0.1", mailbox.port(), Security::None};
        config.smtp = {"127.0.0.1", static_cast<std::uint16_t>(smtp.port()), Security::None};
        config.smtp_login = false;
        config.is_saved_by_provider = true;
        options.policy.allow_any = options.policy.any_port = true;
        options.timeout = std::chrono::seconds(5);
    }
    static OutboundMessage mail() {
        OutboundMessage out;
        out.to = {"email", "ada@example.net"};
        out.type = "email";
        out.text = "hello";
        out.content = {{"subject", "Offer"}, {"message_id", "m.1.2@example.org"}};
        return out;
    }
    // Of which nobody knows whether it left.
    static OutboundMessage lostMail() {
        OutboundMessage out = mail();
        out.may_have_left = out.was_leaving = true;
        return out;
    }
    Result<Receipt> send(const OutboundMessage& message) {
        MailSender sender(config, options, password, clock);
        return sender.send(message, {});
    }
    bool wasHandedIn() const { return smtp.received().find("\r\n.\r\n") != std::string::npos; }

    ScriptedMailbox mailbox;
    SmtpScript smtp{SmtpScript::Answers{}};
    AccountConfig config;
    SocketOptions options;
    PasswordSource password{"sales", Secret("p")};
    FakeClock clock;
};

std::string textOf(const Result<Receipt>& result) {
    return result ? "sent" : result.error().message;
}

}  // namespace

// Gmail and Exchange file what they send, so what is not in Sent was not sent. Only an answer counts as one.
BOOST_AUTO_TEST_CASE(what_may_have_left_is_sent_again_only_when_the_folder_of_sent_mail_does_not_have_it) {
    Fixture answers;
    const auto again = answers.send(Fixture::lostMail());
    BOOST_TEST(again.ok(), textOf(again));
    BOOST_TEST(answers.wasHandedIn());

#ifdef __SANITIZE_ADDRESS__
    // libetpan forgets the empty list (24 bytes) of a LIST or SEARCH that the server refuses.
    const __lsan::ScopedDisabler leaks_of_libetpan;
#endif
    for (const ScriptedMailbox::Answers& trouble :
         std::vector<ScriptedMailbox::Answers>{{{"SELECT", "% NO [UNAVAILABLE] Temporary System Error\r\n"}},
                                               {{"SELECT", "% NO [NONEXISTENT] renamed meanwhile\r\n"}},
                                               {{"SELECT", "* BYE shutting down\r\n* piece"}},
                                               {{"SELECT", ""}},
                                               {{"SEARCH", "% NO [SERVERBUG] Internal error occurred\r\n"}},
                                               {{"SEARCH", "% BAD what\r\n"}},
                                               {{"SEARCH", "* BYE shutting down\r\n* piece"}},
                                               {{"SEARCH", ""}},
                                               {{"LIST", "* BYE shutting down\r\n* piece"}},
                                               {{"LIST", "% NO [UNAVAILABLE] later\r\n"}},
                                               {{"LOGIN", "% NO [UNAVAILABLE] later\r\n"}},
                                               {{"LOGIN", "% NO [AUTHENTICATIONFAILED] no\r\n"}},
                                               {{"LOGIN", "* BYE overloaded\r\n* piece"}}}) {
        Fixture silent(trouble);
        const auto unknown = silent.send(Fixture::lostMail());
        BOOST_TEST_CONTEXT(trouble[0].first << " " << trouble[0].second) {
            BOOST_REQUIRE(!unknown.ok());
            BOOST_TEST((unknown.error().kind == ErrorKind::Uncertain), textOf(unknown));
            BOOST_TEST(!silent.wasHandedIn());
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_in_the_folder_of_sent_mail_is_not_sent_again) {
    Fixture mailbox(ScriptedMailbox::Answers{{"SEARCH", "* SEARCH 3\r\n"}});

    const auto found = mailbox.send(Fixture::lostMail());

    BOOST_TEST(found.ok(), textOf(found));
    BOOST_TEST(!mailbox.wasHandedIn());
}

BOOST_AUTO_TEST_CASE(sending_asks_for_a_copy_and_does_not_wait_for_the_mailbox) {
    Fixture mailbox(ScriptedMailbox::Answers{{"LOGIN", ""}});
    mailbox.config.is_saved_by_provider = false;
    const auto sent = mailbox.send(Fixture::mail());
    BOOST_REQUIRE_MESSAGE(sent.ok(), textOf(sent));
    BOOST_TEST(sent->wants_copy);
    BOOST_TEST(!mailbox.mailbox.wasAsked("LOGIN"));

    mailbox.config.is_saved_by_provider = true;
    const auto filed = mailbox.send(Fixture::mail());
    BOOST_REQUIRE_MESSAGE(filed.ok(), textOf(filed));
    BOOST_TEST(!filed->wants_copy);
}

BOOST_AUTO_TEST_CASE(a_copy_is_looked_for_before_it_is_tried_again) {
    OutboundMessage copy = Fixture::mail();
    copy.type = "save_copy";
    Fixture fresh;
    BOOST_TEST(!fresh.send(copy).ok());  // the script takes none
    BOOST_TEST(fresh.mailbox.wasAsked("APPEND"));
    BOOST_TEST(!fresh.mailbox.wasAsked("SEARCH"));

    Fixture there(ScriptedMailbox::Answers{{"SEARCH", "* SEARCH 3\r\n"}});
    copy.attempt = 2;
    const auto found = there.send(copy);
    BOOST_TEST(found.ok(), textOf(found));
    BOOST_TEST(!there.mailbox.wasAsked("APPEND"));

    Fixture closed(ScriptedMailbox::Answers{{"SELECT", "% NO [UNAVAILABLE] Temporary System Error\r\n"}});
    const auto later = closed.send(copy);
    BOOST_REQUIRE(!later.ok());
    BOOST_TEST((later.error().kind == ErrorKind::Unavailable), textOf(later));
    BOOST_TEST(!closed.mailbox.wasAsked("APPEND"));  // nobody knows whether it is there
}

}  // namespace signalbox::email
