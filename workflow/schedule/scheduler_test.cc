#include "workflow/schedule/scheduler.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/engine_fixture.h"

namespace signalbox::workflow {
using namespace std::chrono_literals;
namespace data = boost::unit_test::data;

class SchedulerFixture : public EngineFixture {
public:
    using EngineFixture::EngineFixture;
    ~SchedulerFixture() { scheduler.reset(); }

    void startAll() {
        engine.reset();
        scheduler = std::make_unique<Scheduler>(db.store(), clock, log, workflows);
        start();
        scheduler->start();
    }
    void publishSchedule(const std::string& params) {
        publish("tick",
                R"("t":{"type":"trigger.schedule",)" + params + R"(},"s":{"type":"set","fields":{"a":1}})",
                "t>s");
    }
    Json scheduled() { return listSchedules(db.store(), 1)["items"]; }
    void untilRuns(std::size_t wanted) {
        until([&] { return runsThatAre("succeeded") == wanted; }, "the runs are there");
    }
    void untilNext(const std::string& at) {
        until([&] { return scheduled().at(0)["next_at"] == at; }, "the schedule has moved on");
    }

    std::unique_ptr<Scheduler> scheduler;
};

BOOST_DATA_TEST_CASE(a_cron_trigger_starts_one_run_for_each_instant, data::make(databases()), kind) {
    SchedulerFixture fixture(kind);
    fixture.startAll();
    fixture.publishSchedule(R"("cron":"0 * * * *")");
    BOOST_TEST(fixture.scheduled()[0]["next_at"] == "2026-01-05T10:00:00.000Z");

    fixture.clock.advance(1h);
    fixture.untilRuns(1);
    fixture.untilNext("2026-01-05T11:00:00.000Z");
    fixture.clock.advance(1h);
    fixture.untilRuns(2);

    const Json run = fixture.run(fixture.runs()[0]["id"]);
    BOOST_TEST(run["input"]["due_at"] == "2026-01-05T11:00:00.000Z");
    BOOST_TEST(run["input"]["zone"] == "UTC");
}

BOOST_AUTO_TEST_CASE(a_schedule_survives_a_restart_and_its_missed_times_are_made_good_once) {
    SchedulerFixture fixture;
    fixture.startAll();
    fixture.publishSchedule(R"("every_s":600)");
    fixture.scheduler.reset();

    fixture.clock.advance(35min);
    fixture.startAll();

    fixture.untilRuns(1);
    fixture.untilNext("2026-01-05T09:40:00.000Z");
    const Json run = fixture.run(fixture.runs()[0]["id"]);
    BOOST_TEST(run["input"]["due_at"] == "2026-01-05T09:30:00.000Z");
    BOOST_TEST(run["input"]["missed"] == 2);
}

BOOST_AUTO_TEST_CASE(publishing_again_keeps_the_time_unless_it_asks_for_another) {
    SchedulerFixture fixture;
    fixture.startAll();
    fixture.publishSchedule(R"("every_s":600)");
    fixture.clock.advance(5min);

    fixture.publishSchedule(R"("every_s":600,"label":"renamed")");
    BOOST_TEST(fixture.scheduled()[0]["next_at"] == "2026-01-05T09:10:00.000Z");
    fixture.publishSchedule(R"("every_s":60)");
    BOOST_TEST(fixture.scheduled()[0]["next_at"] == "2026-01-05T09:06:00.000Z");

    fixture.publish("tick", R"("t":{"type":"trigger.manual"},"s":{"type":"set","fields":{"a":1}})", "t>s");
    BOOST_TEST(fixture.scheduled().empty());
}

BOOST_DATA_TEST_CASE(two_schedulers_on_one_database_start_one_run, data::make(databases()), kind) {
    SchedulerFixture fixture(kind);
    fixture.startAll();
    if (fixture.db.store().isExclusive()) return;  // one daemon only
    const auto other_store = fixture.db.open();
    EventLog other_log(*other_store, fixture.clock);
    WorkflowStore other_workflows(*other_store, fixture.ids, fixture.clock, nullptr);
    fixture.publishSchedule(R"("cron":"*/10 * * * * *")");
    {
        Scheduler other(*other_store, fixture.clock, other_log, other_workflows);
        other.start();
        for (int i = 0; i < 20; ++i) {
            fixture.clock.advance(10s);
            fixture.until([&] { return fixture.count("SELECT COUNT(*) FROM events") >= i + 1; },
                          "the event is there");
        }
        other.stop();
        other_store->close();
    }

    fixture.untilRuns(20);
    BOOST_TEST(fixture.count("SELECT COUNT(*) FROM events WHERE type = 'schedule.due'") == 20);
}

BOOST_AUTO_TEST_CASE(a_due_event_starts_only_the_trigger_it_names) {
    SchedulerFixture fixture;
    fixture.startAll();
    fixture.publishSchedule(R"("cron":"0 10 * * *")");
    fixture.publish(
        "other", R"("t":{"type":"trigger.schedule","cron":"0 11 * * *"},"s":{"type":"set","fields":{"a":1}})",
        "t>s");

    fixture.clock.advance(1h);
    fixture.untilRuns(1);

    BOOST_TEST(fixture.runs()[0]["workflow"] == "tick");
}

}  // namespace signalbox::workflow
