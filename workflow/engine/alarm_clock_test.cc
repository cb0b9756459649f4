// An alarm rings at its time, also when that comes while the alarm thread is about to sleep.
#include "workflow/engine/alarm_clock.h"

#include <boost/test/unit_test.hpp>
#include <future>

#include "tests/support/test_database.h"

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
