// An alarm rings at its time, also when that comes while the alarm thread is about to sleep.
#include "workflow/engine/alarm_clock.h"

#include <boost/test/unit_test.hpp>
#include <future>

#include "tests/support/fake_clock.h"
#include "tests/support/test_database.h"
#include "workflow/engine/run_rows.h"

using namespace signalbox;
using namespace signalbox::workflow;
using namespace std::chrono_literals;

namespace {

constexpr auto kStep = 1ms;

// Time passes whenever somebody looks, and by leaps for who sleeps.
class SteppingClock : public Clock {
public:
    TimePoint now() const override { return fromMicros(now_ += std::chrono::microseconds(kStep).count()); }
    void wait(Wakeup&, TimePoint until, const std::stop_token&) override {
        if (until == TimePoint::max()) until = now() + 24h;
        if (toMicros(until) > now_) now_ = toMicros(until);
    }

private:
    mutable std::atomic<std::int64_t> now_{toMicros(*parseRfc3339("2026-01-05T09:00:00Z"))};
};

// How late an alarm rings that is set `ahead`; `refusals`: how often nobody can take it at first.
std::chrono::microseconds lateness(std::chrono::microseconds ahead, int refusals) {
    TestDatabase db;
    SteppingClock clock;
    const TimePoint due = clock.now() + ahead;
    std::promise<TimePoint> rung;
    AlarmClock alarms(db.store(), clock, [&](Id) {
        if (refusals-- > 0) return false;
        rung.set_value(clock.now());
        return true;
    });
    alarms.later(clock.now(), [&] { alarms.add(due, 1); });  // behind the first window's load
    alarms.start();
    return rung.get_future().get() - due;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_alarm_that_comes_due_between_two_looks_at_the_clock_rings_at_once) {
    for (int steps = 1; steps <= 20; ++steps) {
        const auto late = lateness(steps * kStep, 0);
        BOOST_TEST((late < 20 * kStep), steps << " steps ahead: " << late.count() << " us late");
    }
}

BOOST_AUTO_TEST_CASE(an_alarm_that_nobody_could_take_rings_again_soon) {
    BOOST_TEST((lateness(10 * kStep, 3) < 100 * kStep));
}

BOOST_AUTO_TEST_CASE(what_another_daemon_was_to_wake_rings_here_when_it_is_overdue_and_not_all_the_time) {
    if (!PostgresServer::isInstalled()) return;
    TestDatabase db(DatabaseKind::Postgres);
    FakeClock clock;
    constexpr Id kRound = 99;
    std::atomic<int> rings{0}, rounds{0};
    AlarmClock alarms(db.store(), clock, [&](Id run) {
        ++(run == kRound ? rounds : rings);
        return true;
    });
    // The alarm thread has done all that is due. It rings, looks for what is overdue, and does jobs, in this
    // order: a job and a ring behind it are a whole round, and what one round loads the next one rings.
    const auto pass = [&](std::chrono::seconds time) {
        clock.advance(time);
        for (int round = 0; round < 2; ++round) {
            std::promise<void> done;
            alarms.later(clock.now(), [&] { done.set_value(); });
            done.get_future().wait();
            const int before = rounds;
            alarms.add(clock.now(), kRound);
            while (rounds == before) std::this_thread::yield();
        }
    };
    alarms.start();
    pass(0s);
    RunRow run;
    run.id = 7;
    run.status = RunStatus::Waiting;
    run.wake_at = clock.now() + 5s;
    BOOST_REQUIRE(db.store().writeAndWait([&](Tx& tx) { insertRun(tx, run); }).ok());

    pass(5s);
    BOOST_TEST(rings == 0);  // whoever wrote it rings it
    for (int second = 0; second < 3; ++second) pass(1s);
    BOOST_TEST(rings == 1);
    for (int second = 0; second < 10; ++second) pass(1s);
    BOOST_TEST(rings == 1);
    for (int second = 0; second < 30; ++second) pass(1s);
    BOOST_TEST(rings == 2);  // nobody could go on with it: again
}
