// A server on the loopback that breaks the connection when a certain mail is asked for.
#include <atomic>
#include <boost/test/unit_test.hpp>

#include "connectors/email/imap_poller.h"
#include "tests/support/fake_clock.h"
#include "tests/support/imap_script.h"

namespace signalbox::email {
namespace {

const std::string kMail = "From: ada@example.org\r\nSubject: Offer\r\n\r\nhello\r\n";

// One folder with the UIDs 1 to `count`.
class TroubledServer {
public:
    explicit TroubledServer(int count) : count_(count) {}
    std::uint16_t port() const { return script_.port(); }
    std::atomic<int> breaks_at = 0;           // asked for this UID's text it hangs up; -1: for any
    std::atomic<bool> breaks_within = false;  // it hangs up in the middle of the text
    std::atomic<int> withholds = 0;           // of this UID's text it gives nothing
    std::atomic<int> searches = 0;
    std::string lastSearch() const {
        std::lock_guard lock(mutex_);
        return last_search_;
    }
    void deliver(int more) { count_ += more; }

private:
    // «5», «1:3», «1,2», «1:*»
    bool isAskedFor(const std::string& command, int uid) const {
        const auto begin = command.find("FETCH ") + 6;
        std::string set = command.substr(begin, command.find(' ', begin) - begin);
        for (std::size_t at = 0; at < set.size();) {
            const auto end = std::min(set.find(',', at), set.size());
            const std::string range = set.substr(at, end - at);
            const auto colon = range.find(':');
            const int from = std::stoi(range), to = colon == std::string::npos ? from
                                                    : range.ends_with('*')
                                                        ? count_.load()
                                                        : std::stoi(range.substr(colon + 1));
            if (uid >= from && uid <= to) return true;
            at = end + 1;
        }
        return false;
    }
    // Nothing: hang up.
    std::optional<std::string> answerTo(const std::string& command) {
        const auto has = [&](const char* word) { return command.find(word) != std::string::npos; };
        if (has("CAPABILITY")) return "* CAPABILITY IMAP4rev1 UIDPLUS\r\n";
        if (has("LIST")) return "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n";
        if (has("SELECT"))
            return "* FLAGS (\\Seen)\r\n* " + std::to_string(count_) + " EXISTS\r\n* 0 RECENT\r\n" +
                   "* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT " + std::to_string(count_ + 1) + "] x\r\n";
        if (has("SEARCH")) {
            ++searches;
            std::lock_guard lock(mutex_);
            last_search_ = command;
            std::string all = "* SEARCH";
            for (int uid = 1; uid <= count_; ++uid) all += ' ' + std::to_string(uid);
            return all + "\r\n";
        }
        if (!has("FETCH")) return "";
        std::string all;
        for (int uid = 1; uid <= count_; ++uid) {
            if (!isAskedFor(command, uid)) continue;
            const bool breaks = has("BODY.PEEK") && (breaks_at == uid || breaks_at == -1);
            if (breaks && breaks_within) return "* 1 FETCH (UID 1 BODY[] {1000}\r\nFrom: ada";
            if (breaks) return std::nullopt;
            if (has("BODY.PEEK[]") && withholds == uid) {
                all += "* " + std::to_string(uid) + " FETCH (UID " + std::to_string(uid) + " BODY[] NIL)\r\n";
                continue;
            }
            const std::string number = std::to_string(uid), size = std::to_string(kMail.size());
            all += "* " + number + " FETCH (UID " + number;
            if (has("BODY.PEEK")) {
                const char* part = has("[HEADER]") ? "[HEADER]" : has("[TEXT]") ? "[TEXT]<0>" : "[]";
                all += std::string(" BODY") + part + " {" + size + "}\r\n" + kMail + ")\r\n";
            } else {
                all += " RFC822.SIZE " + size + " FLAGS ()" +
                       " INTERNALDATE \" 5-Oct-2026 11:00:00 +0200\")\r\n";
            }
        }
        return all;
    }

    mutable std::mutex mutex_;
    std::string last_search_;
    std::atomic<int> count_;
    ImapScript script_{[this](const std::string& command) { return answerTo(command); }};
};

AccountConfig configFor(std::uint16_t port) {
    AccountConfig config;
    config.imap = {"127.0.0.1", port, Security::None};
    config.is_backfilled = true;
    config.max_mail_bytes = 1'000'000;
    return config;
}

SocketOptions loopback() {
    SocketOptions options;
    options.policy.allow_any = options.policy.any_port = true;
    options.timeout = std::chrono::seconds(5);
    return options;
}

struct TroubleFixture {
    explicit TroubleFixture(int mails) : server(mails) {}
    // The cursor of a mailbox that was looked at for the first time; nothing is fetched yet.
    std::string begin() {
        const auto page = poller.poll("", {});
        BOOST_REQUIRE_MESSAGE(page.ok(), (page.ok() ? "" : page.error().message));
        BOOST_REQUIRE(page->items.empty());
        return page->cursor;
    }
    TroubledServer server;
    AccountConfig config = configFor(server.port());
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

BOOST_AUTO_TEST_CASE(a_server_that_dies_within_a_mail_is_an_error_and_no_endless_wait) {
    TroubleFixture mailbox(3);
    mailbox.server.breaks_at = 1;
    mailbox.server.breaks_within = true;
    const std::string begun = mailbox.begin();
    BOOST_TEST(!mailbox.poller.poll(begun, {}).ok());
    mailbox.server.breaks_at = 0;
    BOOST_TEST(mailbox.poller.poll(begun, {}).ok());
}

BOOST_AUTO_TEST_CASE(a_mail_that_breaks_the_connection_is_passed_by_and_can_be_fetched_later) {
    TroubleFixture mailbox(3);
    mailbox.server.breaks_at = 1;
    const std::string begun = mailbox.begin();
    Result<Page> page = mailbox.poller.poll(begun, {});
    for (int i = 0; !page && i < 10; ++i) page = mailbox.poller.poll(begun, {});

    BOOST_REQUIRE_MESSAGE(page.ok(), (page.ok() ? "" : page.error().message));
    BOOST_REQUIRE(page->items.size() == 1U);
    BOOST_TEST(page->items[0].place == "INBOX 7/1");
    BOOST_TEST(!page->items[0].quarantine_reason.empty());
    const auto rest = mailbox.poller.poll(page->cursor, {});
    BOOST_REQUIRE(rest.ok());
    BOOST_TEST(rest->items.size() == 2U);

    BOOST_TEST(!mailbox.poller.fetchAgain("INBOX 7/1", {}).ok());
    mailbox.server.breaks_at = 0;
    const auto again = mailbox.poller.fetchAgain("INBOX 7/1", {});
    BOOST_REQUIRE(again.ok());
    BOOST_TEST(again->raw == kMail);
    BOOST_TEST(again->place == "INBOX 7/1");
    BOOST_TEST(mailbox.poller.fetchAgain("INBOX 8/1", {}).error().message ==
               "the server has numbered the folder anew; the mail is looked at with the others");
    BOOST_TEST(mailbox.poller.fetchAgain("INBOX 7/9", {}).error().message ==
               "the mail is gone from the mailbox");
    BOOST_TEST(!mailbox.poller.fetchAgain("nonsense", {}).ok());
}

BOOST_AUTO_TEST_CASE(a_server_that_gives_no_mail_at_all_makes_none_suspect) {
    TroubleFixture mailbox(3);
    mailbox.server.breaks_at = -1;
    const std::string begun = mailbox.begin();
    for (int i = 0; i < 10; ++i) BOOST_TEST(!mailbox.poller.poll(begun, {}).ok());

    mailbox.server.breaks_at = 0;
    const auto first = mailbox.poller.poll(begun, {});
    BOOST_REQUIRE_MESSAGE(first.ok(), (first.ok() ? "" : first.error().message));
    BOOST_REQUIRE(!first->items.empty());
    BOOST_TEST(first->items[0].quarantine_reason.empty());
    BOOST_TEST(first->items[0].raw == kMail);
}

BOOST_AUTO_TEST_CASE(a_mail_of_which_the_server_gives_nothing_is_kept_aside_and_the_others_come) {
    TroubleFixture mailbox(3);
    mailbox.server.withholds = 2;

    const auto page = mailbox.poller.poll(mailbox.begin(), {});

    BOOST_REQUIRE_MESSAGE(page.ok(), (page.ok() ? "" : page.error().message));
    BOOST_REQUIRE(page->items.size() == 3U);
    BOOST_TEST(page->items[1].quarantine_reason == "imap: the server gives nothing of this mail");
    BOOST_TEST(page->items[2].raw == kMail);
    mailbox.server.withholds = 0;
    BOOST_TEST(mailbox.poller.fetchAgain(page->items[1].place, {})->raw == kMail);
}

BOOST_AUTO_TEST_CASE(a_folder_that_was_set_back_is_searched_again_once) {
    TroubleFixture mailbox(3);

    const auto page = mailbox.poller.poll(R"({"folders":{"INBOX":{"uidvalidity":7,"next":100}}})", {});

    BOOST_REQUIRE_MESSAGE(page.ok(), (page.ok() ? "" : page.error().message));
    BOOST_TEST(page->items.size() == 3U);
    BOOST_TEST(parseCursor(page->cursor)->folders.at("INBOX").next == 4U);
    const auto next = mailbox.poller.poll(page->cursor, {});
    BOOST_REQUIRE(next.ok());
    BOOST_TEST(next->items.empty());
    BOOST_TEST(mailbox.server.searches == 1);
}

// 09:00 UTC is the evening before on the other side of the world, and SINCE compares days.
BOOST_AUTO_TEST_CASE(mail_that_comes_right_after_the_set_up_is_fetched_wherever_the_server_is) {
    TroubleFixture mailbox(3);
    mailbox.config.is_backfilled = false;
    const auto first = mailbox.poller.poll(R"({"folders":{"INBOX":{"uidvalidity":7,"next":2}}})", {});
    BOOST_REQUIRE_MESSAGE(first.ok(), (first.ok() ? "" : first.error().message));
    BOOST_TEST(mailbox.server.lastSearch().find("SINCE") == std::string::npos);

    const auto begun = mailbox.poller.poll("", {});
    BOOST_REQUIRE_MESSAGE(begun.ok(), (begun.ok() ? "" : begun.error().message));
    const auto cursor = parseCursor(begun->cursor);
    BOOST_REQUIRE(cursor && cursor->since);
    BOOST_TEST(toRfc3339(*cursor->since) == "2026-01-04T09:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(an_earlier_day_of_the_backfill_looks_through_the_folder_anew) {
    TroubleFixture mailbox(3);
    mailbox.config.is_backfilled = true;
    mailbox.config.backfill_from = parseRfc3339("2026-01-02T00:00:00Z");
    std::string cursor;
    std::size_t fetched = 0;
    const auto fetch = [&] {
        const auto page = mailbox.poller.poll(cursor, {});
        BOOST_REQUIRE_MESSAGE(page.ok(), (page.ok() ? "" : page.error().message));
        cursor = page->cursor;
        fetched += page->items.size();
    };
    fetch();
    fetch();
    BOOST_TEST(fetched == 3U);

    for (const char* earlier : {"2025-01-01T00:00:00Z", ""}) {  // and all there is
        mailbox.config.backfill_from = parseRfc3339(earlier);
        fetched = 0;
        fetch();
        fetch();
        BOOST_TEST(fetched == 3U);
    }
}

BOOST_AUTO_TEST_CASE(a_page_that_was_not_stored_comes_again) {
    TroubleFixture mailbox(250);  // three pages
    const auto first = mailbox.poller.poll(mailbox.begin(), {});
    BOOST_REQUIRE_MESSAGE(first.ok(), (first.ok() ? "" : first.error().message));
    const auto lost = mailbox.poller.poll(first->cursor, {});
    BOOST_REQUIRE(lost.ok());
    BOOST_TEST(mailbox.server.searches == 1);

    mailbox.poller.notStored();
    const auto again = mailbox.poller.poll(first->cursor, {});
    BOOST_REQUIRE(again.ok());
    BOOST_REQUIRE(!again->items.empty());
    BOOST_TEST(again->items.front().place == lost->items.front().place);
    BOOST_TEST(again->cursor == lost->cursor);
}

BOOST_AUTO_TEST_CASE(what_lay_there_at_the_first_look_is_told_from_what_came_during_the_backfill) {
    TroubleFixture mailbox(150);  // two pages
    const std::string begun = mailbox.begin();
    mailbox.server.deliver(1);
    mailbox.poller.notStored();  // as after a restart

    const auto first = mailbox.poller.poll(begun, {});
    BOOST_REQUIRE(first.ok());
    const auto second = mailbox.poller.poll(first->cursor, {});
    BOOST_REQUIRE(second.ok());

    BOOST_REQUIRE(second->items.size() == 51U);
    BOOST_TEST(first->items.front().arrival.was_there);
    BOOST_TEST(second->items[49].arrival.was_there);
    BOOST_TEST(!second->items[50].arrival.was_there);
    BOOST_REQUIRE(second->items[50].arrival.at.has_value());
    BOOST_TEST(toRfc3339(*second->items[50].arrival.at).starts_with("2026-10-05T09:00:00"));
}

}  // namespace signalbox::email
