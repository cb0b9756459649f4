// Runs that the daemon died in again and again, in the middle of loops and of families.
#include <boost/test/unit_test.hpp>

#include "tests/support/engine_fixture.h"

namespace signalbox::workflow {
namespace {

struct QuarantineFixture : EngineFixture {
    QuarantineFixture() {
        publish("child", R"("t":{"type":"trigger.sub_workflow"},"w":{"type":"wait_event","event":"custom.go"},
                            "s":{"type":"set","keep":false,"fields":{"n":"{{ trigger.n }}"}})",
                "t>w w:event>s");
        publish("main",
                R"("t":{"type":"trigger.webhook"},
                   "f":{"type":"for_each","items":"[1, 2]","concurrency":2,"on_item_error":"collect"},
                   "c":{"type":"sub_workflow","workflow":"child","input":{"n":"{{ item }}"}},
                   "w":{"type":"wait_event","event":"custom.stop"})",
                "t>f f:each>c t>w");
        start();
        webhook();
        until([&] { return runsThatAre("waiting") == 3; }, "the loop waits for its two children");
        engine.reset();
    }
    // As if the daemon had died in this run's walk three times.
    void dieIn(const std::string& condition) {
        const auto written = db.store().writeAndWait([&](Tx& tx) {
            tx.exec(
                "UPDATE runs SET status = 'running', recoveries = 3 WHERE id = (SELECT MIN(id) FROM runs "
                "WHERE " +
                    condition + ")",
                {});
        });
        BOOST_REQUIRE(written.ok());
    }
};

// One run that waits for an event, at most a minute.
struct WaitingFixture : EngineFixture {
    WaitingFixture() {
        publish(
            "one",
            R"("t":{"type":"trigger.webhook"},"w":{"type":"wait_event","event":"custom.go","timeout_s":60},
                   "x":{"type":"wait","seconds":3600})",
            "t>w w:event>x w:timeout>x");
        start();
        webhook();
        until([&] { return runsThatAre("waiting") == 1; }, "the run waits");
        engine.reset();
    }
    void recoveredTimes(std::int64_t times) {
        const auto written =
            db.store().writeAndWait([&](Tx& tx) { tx.exec("UPDATE runs SET recoveries = $1", {times}); });
        BOOST_REQUIRE(written.ok());
    }
    std::int64_t recoveries() { return count("SELECT recoveries FROM runs"); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_run_that_kills_the_daemon_when_it_is_woken_is_quarantined) {
    for (const bool by_event : {true, false}) {
        WaitingFixture f;
        if (by_event) f.append("custom.go", {{"a", 1}});
        f.clock.advance(std::chrono::minutes(by_event ? 0 : 2));

        f.recoveredTimes(3);
        f.start();

        f.until([&] { return f.runsThatAre("quarantined") == 1; }, "the quarantine");
        BOOST_TEST(f.runs()[0]["error"]["code"] == "quarantined");
        BOOST_TEST(f.count("SELECT COUNT(*) FROM run_waits") == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_walk_that_ends_well_sets_the_count_of_recoveries_back) {
    WaitingFixture f;
    f.append("custom.go", {{"a", 1}});
    f.recoveredTimes(2);

    f.start();
    f.until([&] { return f.count("SELECT COUNT(*) FROM run_waits") == 0; }, "the next wait");

    BOOST_TEST(f.runsThatAre("waiting") == 1U);
    BOOST_TEST(f.recoveries() == 0);
}

BOOST_AUTO_TEST_CASE(what_a_waiting_run_does_not_want_is_no_recovery) {
    WaitingFixture f;
    f.append("custom.other", {{"a", 1}});
    f.recoveredTimes(3);

    f.start();
    f.append("custom.more", {{"a", 1}});
    f.untilIdle();
    f.append("custom.go", {{"a", 1}});
    f.until([&] { return f.recoveries() == 0; }, "it goes on");

    BOOST_TEST(f.runsThatAre("waiting") == 1U);
}

BOOST_AUTO_TEST_CASE(a_child_in_quarantine_fails_its_iteration_and_the_others_go_on) {
    QuarantineFixture f;
    f.dieIn("parent <> 0");

    f.start();
    f.until([&] { return f.runsThatAre("quarantined") == 1; }, "the quarantine");
    f.append("custom.go", {{"a", 1}});
    f.append("custom.stop", {{"a", 1}});
    f.until([&] { return f.runsThatAre("succeeded") == 2; }, "the other child and the loop end");

    for (const Json& run : f.runs("succeeded")) {
        if (run["workflow"] != "main") continue;
        const Json shown = f.run(run["id"]);
        Json result;
        for (const Json& node : shown["nodes"])
            if (node["node"] == "f") result = node["output"];
        BOOST_TEST(result["failed"] == 1);
        BOOST_TEST(result["results"].size() == 1U);
        BOOST_TEST(result["errors"][0]["error"]["message"].get<std::string>().find("died in this run") !=
                   std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_loop_in_quarantine_takes_its_children_along_and_nothing_waits_any_more) {
    QuarantineFixture f;
    f.dieIn("parent = 0");

    f.start();
    f.until([&] { return f.runsThatAre("quarantined") == 1; }, "the quarantine");

    BOOST_TEST(f.runsThatAre("cancelled") == 2U);
    BOOST_TEST(f.count("SELECT COUNT(*) FROM run_waits") == 0);
    f.append("custom.go", {{"a", 1}});
    f.untilIdle();
    BOOST_TEST(f.runsThatAre("succeeded") == 0U);
}

}  // namespace signalbox::workflow
