// Waiting for news, with servers that do it their own way.
#include <atomic>
#include <boost/test/unit_test.hpp>

#include "connectors/email/imap_poller.h"
#include "tests/support/fake_clock.h"
#include "tests/support/imap_script.h"

namespace signalbox::email {
namespace {

const std::string kMail = "From: ada@example.org\r\nSubject: Offer\r\n\r\nhello\r\n";

// Offers IDLE; has one mail once `has_mail` is set.
class IdleServer {
public:
    explicit IdleServer(std::string idle) : idle_(std::move(idle)) {}
    std::uint16_t port() const { return script_.port(); }
    std::atomic<bool> has_mail = false;
    std::atomic<int> idles = 0;

private:
    std::string answerTo(const std::string& command) {
        const auto has = [&](const char* word) { return command.find(word) != std::string::npos; };
        const std::string tag = command.substr(0, command.find(' '));
        if (has("CAPABILITY")) return "* CAPABILITY IMAP4rev1 IDLE\r\n";
        if (has("LIST")) return "* LIST () \"/\" \"INBOX\"\r\n";
        if (has("SELECT"))
            return std::string("* FLAGS (\\Seen)\r\n* ") + (has_mail ? "1" : "0") +
                   " EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT " +
                   (has_mail ? "2" : "1") + "] x\r\n";
        if (has("SEARCH")) return has_mail ? "* SEARCH 1\r\n" : "* SEARCH\r\n";
        if (has("BODY.PEEK"))
            return "* 1 FETCH (UID 1 BODY[] {" + std::to_string(kMail.size()) + "}\r\n" + kMail + ")\r\n";
        if (has("FETCH"))
            return "* 1 FETCH (UID 1 RFC822.SIZE " + std::to_string(kMail.size()) + " FLAGS ())\r\n";
        if (command == "DONE") return idle_tag_ + " OK done\r\n";
        if (!has("IDLE")) return "";
        ++idles;
        idle_tag_ = tag;
        if (idle_.starts_with("NO")) return tag + " " + idle_;
        has_mail = true;
        return idle_;
    }

    const std::string idle_;
    std::string idle_tag_;
    ImapScript script_{
        [this](const std::string& command) -> std::optional<std::string> { return answerTo(command); }};
};

SocketOptions loopback() {
    SocketOptions options;
    options.policy.allow_any = options.policy.any_port = true;
    options.timeout = std::chrono::seconds(2);
    return options;
}

struct Fixture {
    explicit Fixture(const std::string& idle) : server(idle) {
        config.imap = {"127.0.0.1", server.port(), Security::None};
        config.is_backfilled = true;
        config.max_mail_bytes = 1'000'000;
        config.poll_interval = std::chrono::seconds(30);
    }
    // The mails of the next two rounds; throws when one fails.
    std::size_t mailsOfTwoRounds(std::string cursor) {
        std::size_t count = 0;
        for (int i = 0; i < 2; ++i) {
            const auto page = poller.poll(cursor, {});
            if (!page) throw std::runtime_error(page.error().message);
            count += page->items.size();
            cursor = page->cursor;
        }
        return count;
    }
    // What is known of an empty folder, so that the next round waits.
    std::string begun() {
        const auto page = poller.poll("", {});
        if (!page) throw std::runtime_error(page.error().message);
        return page->cursor;
    }

    IdleServer server;
    AccountConfig config;
    PasswordSource password{"sales", Secret("p")};
    FakeClock clock;
    ImapPoller poller{config, loopback(), password, clock,
                      [](const std::string& place, std::string raw, bool) {
                          PolledItem item;
                          item.place = place;
                          item.raw = std::move(raw);
                          item.mail.emplace();
                          return item;
                      }};
};

}  // namespace

BOOST_AUTO_TEST_CASE(news_during_the_wait_and_just_before_it_begins_end_it) {
    for (const char* idle : {"+ idling\r\n* 1 EXISTS\r\n", "* 1 EXISTS\r\n+ idling\r\n",
                             "* OK still here\r\n* 1 EXISTS\r\n* 1 RECENT\r\n+ \r\n"}) {
        Fixture mailbox(idle);
        BOOST_TEST_CONTEXT(idle) {
            BOOST_TEST(mailbox.mailsOfTwoRounds(mailbox.begun()) == 1U);
            BOOST_TEST(mailbox.server.idles == 1);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_server_that_offers_idle_and_refuses_it_is_looked_into_from_time_to_time) {
    Fixture mailbox("NO not here\r\n");
    const std::string cursor = mailbox.begun();

    const auto waited = mailbox.poller.poll(cursor, {});

    BOOST_REQUIRE_MESSAGE(waited.ok(), (waited.ok() ? "" : waited.error().message));
    BOOST_TEST((mailbox.poller.pause() == std::chrono::seconds(30)));
    mailbox.server.has_mail = true;
    BOOST_TEST(mailbox.mailsOfTwoRounds(cursor) == 1U);
    BOOST_TEST(mailbox.server.idles == 1);
}

}  // namespace signalbox::email
