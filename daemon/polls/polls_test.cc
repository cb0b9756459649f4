#include "daemon/polls/polls.h"

#include <boost/test/unit_test.hpp>
#include <condition_variable>

#include "daemon/polls/mail_replay.h"
#include "tests/support/mail_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

// Answers with what the test puts in; waits for news when there is nothing.
class ScriptedPoller : public Connector, public Poller {
public:
    Status check(const std::stop_token&) override { return Done{}; }
    Poller* poller() override { return this; }
    std::chrono::seconds pause() const override { return 0s; }
    // By now everything can be read.
    PolledItem read(const std::string& place, std::string raw) const override {
        FetchedMail source = fetched(MailText{"poison@x", "eve@example.org", "Poison", "cured"}, 7);
        return {place, std::move(raw), source.envelopes, {}, source.mail, source.location, {}, ""};
    }
    Result<PolledItem> fetchAgain(const std::string& place, const std::stop_token&) const override {
        if (!can_fetch_again_) return Error{ErrorKind::Conflict, "the mail is gone from the mailbox"};
        return read(place, "Subject: had at last\r\n\r\nhello");
    }
    void notStored() override { ++not_stored_; }
    Result<Page> poll(const std::string& cursor, const std::stop_token& stop) override {
        std::unique_lock lock(mutex_);
        cursors_.push_back(cursor);
        changed_.notify_all();
        changed_.wait(lock, stop, [&] { return !answers_.empty(); });
        if (answers_.empty()) return Page{{}, {}, cursor};
        if (std::exchange(will_throw_, false)) throw std::runtime_error("no space left on device");
        Result<Page> answer = std::move(answers_.front());
        answers_.erase(answers_.begin());
        return answer;
    }
    void willAnswer(Result<Page> answer) {
        std::lock_guard lock(mutex_);
        answers_.push_back(std::move(answer));
        changed_.notify_all();
    }
    void willThrow() {
        std::lock_guard lock(mutex_);
        will_throw_ = true;
        answers_.emplace_back(Page{});
        changed_.notify_all();
    }
    bool waitForPolls(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [&] { return cursors_.size() >= count; });
    }
    std::vector<std::string> cursors() {
        std::lock_guard lock(mutex_);
        return cursors_;
    }
    std::atomic<bool> can_fetch_again_ = false;
    std::atomic<int> not_stored_ = 0;

private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<Result<Page>> answers_;
    bool will_throw_ = false;
    std::vector<std::string> cursors_;
};

Page pageWith(const MailText& mail, std::int64_t uid, const std::string& cursor) {
    FetchedMail source = fetched(mail, uid);
    PolledItem item{source.place, source.raw, source.envelopes, {}, source.mail, source.location, {}, ""};
    Page page;
    page.items.push_back(std::move(item));
    page.cursor = cursor;
    return page;
}

// Ends each wait after a minute, as the clock of the daemon does.
class ShortWaits : public FakeClock {
public:
    void wait(Wakeup& wakeup, TimePoint until, const std::stop_token& stop) override {
        ++waits;
        FakeClock::wait(wakeup, std::min(until, now() + 1min), stop);
    }
    std::atomic<int> waits = 0;
};

struct PollFixture : MailFixture {
    ConnectedRef connected(const std::string& account, std::shared_ptr<Connector> connector) {
        auto one = std::make_shared<ConnectedAccount>();
        one->account = accounts.byName(account);
        one->connector = std::move(connector);
        return one;
    }
    std::shared_ptr<ScriptedPoller> sales = std::make_shared<ScriptedPoller>(),
                                    support = std::make_shared<ScriptedPoller>();
    PollLeases leases{*store, clock};
    Polls polls{PollRunner::Parts{*store, *pages, files, clock, leases, log}};
};

BOOST_AUTO_TEST_CASE(a_page_is_stored_with_its_cursor_and_the_next_poll_goes_on_there) {
    PollFixture hub;
    hub.sales->willAnswer(pageWith(MailText{"a@x"}, 1, "after-1"));

    hub.polls.run({hub.connected("sales", hub.sales)});
    BOOST_REQUIRE(hub.sales->waitForPolls(2));

    BOOST_TEST(hub.sales->cursors().at(1) == "after-1");
    BOOST_TEST(hub.cursor() == "after-1");
    BOOST_TEST(hub.conversationOf("a@x") != "none");
    hub.polls.stop();
}

BOOST_AUTO_TEST_CASE(a_mail_in_quarantine_is_read_again_and_joins_the_others) {
    PollFixture hub;
    Page page = pageWith(MailText{"poison@x"}, 7, "after-7");
    page.items[0].envelopes.clear();
    page.items[0].mail.reset();
    page.items[0].quarantine_reason = "mail: cannot be read";
    hub.sales->willAnswer(std::move(page));
    const auto connected = hub.connected("sales", hub.sales);
    hub.polls.run({connected});
    BOOST_REQUIRE(hub.sales->waitForPolls(2));
    const auto listed = listQuarantined(*hub.store, {kDefaultOrg}, 10);
    BOOST_REQUIRE(listed.size() == 1U);
    const auto kept = loadQuarantined(*hub.store, kDefaultOrg, listed[0].id);
    const MailReplay replay{*hub.pages, hub.blobs};

    BOOST_REQUIRE(kept && MailReplay::isMail(*kept));
    const auto once = replay.replay(*connected, *kept), twice = replay.replay(*connected, *kept);

    BOOST_REQUIRE(once.ok() && twice.ok());
    BOOST_TEST(once->new_envelopes == 1);
    BOOST_TEST(twice->new_envelopes == 0);
    BOOST_TEST(hub.conversationOf("poison@x") != "none");
    BOOST_TEST(listQuarantined(*hub.store, {kDefaultOrg}, 10).empty());
    hub.polls.stop();
}

BOOST_AUTO_TEST_CASE(a_mail_of_which_nothing_was_had_is_fetched_again) {
    PollFixture hub;
    Page page = pageWith(MailText{"poison@x"}, 7, "after-7");
    page.items[0].envelopes.clear();
    page.items[0].mail.reset();
    page.items[0].raw.clear();
    page.items[0].quarantine_reason = "imap: the connection breaks each time this mail is fetched";
    hub.sales->willAnswer(std::move(page));
    const auto connected = hub.connected("sales", hub.sales);
    hub.polls.run({connected});
    BOOST_REQUIRE(hub.sales->waitForPolls(2));
    const auto listed = listQuarantined(*hub.store, {kDefaultOrg}, 10);
    BOOST_REQUIRE(listed.size() == 1U);
    const MailReplay replay{*hub.pages, hub.blobs};
    const auto load = [&] { return *loadQuarantined(*hub.store, kDefaultOrg, listed[0].id); };

    const auto early = replay.replay(*connected, load());
    BOOST_REQUIRE(!early.ok());
    BOOST_TEST(early.error().message == "the mail is gone from the mailbox");

    hub.sales->can_fetch_again_ = true;
    const auto done = replay.replay(*connected, load());
    BOOST_REQUIRE(done.ok());
    BOOST_TEST(done->new_envelopes == 1);
    BOOST_TEST(hub.conversationOf("poison@x") != "none");
    BOOST_TEST(load().request.body == "Subject: had at last\r\n\r\nhello");  // kept as the others are
    hub.polls.stop();
}

BOOST_AUTO_TEST_CASE(a_page_that_cannot_be_stored_is_asked_for_again_from_the_old_cursor) {
    PollFixture hub;
    const auto rename = [&](const char* from, const char* to) {
        BOOST_REQUIRE(hub.store
                          ->writeAndWait([&](Tx& tx) {
                              tx.exec(std::string("ALTER TABLE ") + from + " RENAME TO " + to, {});
                          })
                          .ok());
    };
    hub.sales->willAnswer(pageWith(MailText{"a@x"}, 1, "after-1"));
    hub.polls.run({hub.connected("sales", hub.sales)});
    BOOST_REQUIRE(hub.sales->waitForPolls(2));

    rename("raw_requests", "raw_requests_away");
    hub.sales->willAnswer(pageWith(MailText{"b@x"}, 2, "after-2"));
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (hub.sales->not_stored_ == 0 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    BOOST_TEST(hub.sales->not_stored_ == 1);
    rename("raw_requests_away", "raw_requests");
    hub.sales->willAnswer(pageWith(MailText{"b@x"}, 2, "after-2"));
    hub.polls.fetchNow(hub.accounts.byName("sales")->id);
    BOOST_REQUIRE(hub.sales->waitForPolls(4));

    BOOST_TEST(hub.sales->cursors().at(2) == "after-1");
    BOOST_TEST(hub.conversationOf("b@x") != "none");
    BOOST_TEST(hub.cursor() == "after-2");
    hub.polls.stop();
}

BOOST_AUTO_TEST_CASE(a_disabled_account_is_left_alone_until_it_is_wanted_again) {
    PollFixture hub;
    const Id sales = hub.accounts.byName("sales")->id;
    const auto become = [&](const std::string& state) {
        (void)hub.store->writeAndWait([&](Tx& tx) {
            setAccountState(tx, sales, {state, "a reason"}, hub.clock.now());
        });
        hub.polls.fetchNow(sales);
    };
    hub.polls.run({hub.connected("sales", hub.sales)});
    BOOST_REQUIRE(hub.sales->waitForPolls(1));

    become("disabled");
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (hub.polls.view(sales)->state != "disabled" && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();

    BOOST_TEST(hub.polls.view(sales)->state == "disabled");
    const std::size_t before = hub.sales->cursors().size();
    become("connected");
    BOOST_TEST(hub.sales->waitForPolls(before + 1));
    hub.polls.stop();
}

BOOST_AUTO_TEST_CASE(an_account_that_fails_says_so_and_holds_up_nobody) {
    PollFixture hub;
    hub.sales->willAnswer(Error{ErrorKind::Unauthorized, "imap login: refused", {}, "login"});
    hub.support->willAnswer(pageWith(MailText{"b@x"}, 1, "after-1"));

    hub.polls.run({hub.connected("sales", hub.sales), hub.connected("support", hub.support)});
    BOOST_REQUIRE(hub.support->waitForPolls(2));

    BOOST_TEST(hub.conversationOf("b@x") != "none");
    const Id sales = hub.accounts.byName("sales")->id;
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (hub.polls.view(sales)->failures == 0 && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    BOOST_TEST(hub.polls.view(sales)->state == "reauth");
    BOOST_TEST(hub.polls.view(sales)->error == "imap login: refused");
    // It is asked again when someone wants it, and is well again at once.
    hub.sales->willAnswer(pageWith(MailText{"c@x", "ada@example.org", "Third", "c"}, 1, "after-1"));
    hub.polls.fetchNow(sales);
    BOOST_REQUIRE(hub.sales->waitForPolls(3));
    BOOST_TEST(hub.polls.view(sales)->state == "connected");
    hub.polls.stop();
    (void)hub.store->writeAndWait([](Tx&) {});  // behind what the runner wrote last
    BOOST_TEST(hub.count("SELECT COUNT(*) FROM events WHERE type = 'account.sync_changed'") == 2);
}

BOOST_AUTO_TEST_CASE(a_provider_that_wants_to_be_left_alone_for_long_is) {
    PollFixture hub;
    ShortWaits clock;
    Polls polls(PollRunner::Parts{*hub.store, *hub.pages, hub.files, clock, hub.leases, hub.log});
    hub.sales->willAnswer(Error{ErrorKind::Throttled, "too many connections", 300s, "login"});
    polls.run({hub.connected("sales", hub.sales)});
    const auto until = std::chrono::steady_clock::now() + 10s;
    const auto happens = [&](auto condition) {
        while (!condition() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(1ms);
        return condition();
    };
    BOOST_REQUIRE(hub.sales->waitForPolls(1));
    const Id sales = hub.accounts.byName("sales")->id;
    BOOST_REQUIRE(happens([&] { return polls.view(sales) && polls.view(sales)->next_try_at; }));

    for (int minutes = 1; minutes < 5; ++minutes) {
        const int before = clock.waits;  // whoever else waits by this clock, as who keeps a lease does
        clock.advance(61s);
        BOOST_REQUIRE(happens([&] { return clock.waits > before || hub.sales->cursors().size() > 1; }));
        BOOST_TEST(hub.sales->cursors().size() == 1U);
    }
    clock.advance(61s);
    BOOST_TEST(hub.sales->waitForPolls(2));
    polls.stop();
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_tried_again_in_seconds) {
    PollFixture hub;
    const Id sales = hub.accounts.byName("sales")->id;
    hub.sales->willThrow();
    hub.polls.run({hub.connected("sales", hub.sales)});
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (!hub.polls.view(sales)->next_try_at && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();

    BOOST_REQUIRE(hub.polls.view(sales)->next_try_at.has_value());
    BOOST_TEST((*hub.polls.view(sales)->next_try_at <= hub.clock.now() + 6s));
    BOOST_TEST(hub.polls.view(sales)->error == "fetch: no space left on device");
    hub.polls.stop();
}

BOOST_AUTO_TEST_CASE(a_server_that_is_restarted_is_nobodys_business_and_one_that_stays_away_is) {
    PollFixture hub;
    const Id sales = hub.accounts.byName("sales")->id;
    const auto told = [&] {
        (void)hub.store->writeAndWait([](Tx&) {});
        return hub.count("SELECT COUNT(*) FROM events WHERE type = 'account.sync_changed'");
    };
    const auto fail = [&](std::int64_t failures) {
        hub.sales->willAnswer(Error{ErrorKind::Unavailable, "imap: connection refused", {}, "connection"});
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (hub.polls.view(sales)->failures < failures && std::chrono::steady_clock::now() < until) {
            hub.clock.advance(20min);  // beyond the longest wait
            std::this_thread::sleep_for(2ms);
        }
        BOOST_TEST(hub.polls.view(sales)->failures == failures);
    };
    hub.polls.run({hub.connected("sales", hub.sales)});
    BOOST_REQUIRE(hub.sales->waitForPolls(1));

    fail(1);
    fail(2);
    BOOST_TEST(told() == 0);
    fail(3);
    fail(4);
    BOOST_TEST(told() == 1);
    hub.polls.stop();
}

}  // namespace
}  // namespace signalbox
