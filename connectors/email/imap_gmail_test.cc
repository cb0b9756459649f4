// What only Gmail's server says, from a server on the loopback that says it.
#include <boost/test/unit_test.hpp>

#include "connectors/email/imap_poller.h"
#include "tests/support/fake_clock.h"
#include "tests/support/imap_script.h"

namespace signalbox::email {
namespace {

const std::string kMail = "From: ada@example.org\r\nSubject: Offer\r\n\r\nhello\r\n";

std::string answerTo(const std::string& command) {
    const auto has = [&](const char* word) { return command.find(word) != std::string::npos; };
    if (has("CAPABILITY")) return "* CAPABILITY IMAP4rev1 UIDPLUS X-GM-EXT-1\r\n";
    if (has("LIST")) return "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n";
    if (has("SELECT"))
        return "* FLAGS (\\Seen)\r\n* 1 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] x\r\n"
               "* OK [UIDNEXT 2] x\r\n";
    if (has("SEARCH")) return "* SEARCH 1\r\n";
    if (has("X-GM-THRID"))
        return "* 1 FETCH (X-GM-THRID 1278455344230334865 UID 1 RFC822.SIZE " + std::to_string(kMail.size()) +
               " FLAGS ())\r\n";
    if (has("BODY.PEEK"))
        return "* 1 FETCH (UID 1 BODY[] {" + std::to_string(kMail.size()) + "}\r\n" + kMail + ")\r\n";
    return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_gmail_calls_a_conversation_is_kept_with_the_mail) {
    const ImapScript server(answerTo);
    AccountConfig config;
    config.imap = {"127.0.0.1", server.port(), Security::None};
    config.is_backfilled = true;
    config.max_mail_bytes = 1'000'000;
    SocketOptions options;
    options.policy.allow_any = options.policy.any_port = true;
    options.timeout = std::chrono::seconds(5);
    PasswordSource password("sales", Secret("p"));
    const FakeClock clock;
    ImapPoller poller(config, options, password, clock, [](const std::string& place, std::string, bool) {
        PolledItem item;
        item.place = place;
        item.mail.emplace();
        return item;
    });

    const auto begun = poller.poll("", {});  // which mails lie there already
    BOOST_REQUIRE_MESSAGE(begun.ok(), (begun.ok() ? "" : begun.error().message));
    const auto page = poller.poll(begun->cursor, {});

    BOOST_REQUIRE_MESSAGE(page.ok(), (page.ok() ? "" : page.error().message));
    BOOST_REQUIRE(page->items.size() == 1U);
    BOOST_TEST(page->items[0].place == "INBOX 7/1");
    BOOST_TEST(page->items[0].mail->thread_index == "gmail:1278455344230334865");
}

}  // namespace signalbox::email
