// Two engines on one PostgreSQL: a lane has no more places because there are two of them.
#include "tests/support/engine_fixture.h"

using namespace signalbox;
using namespace signalbox::workflow;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(two_daemons_let_no_more_runs_into_a_lane_than_it_has_places) {
    if (!PostgresServer::isInstalled()) return;
    EngineFixture one(DatabaseKind::Postgres);
    Json graph =
        Json::parse(flowText(R"("t":{"type":"trigger.manual"},"w":{"type":"wait","seconds":1})", "t>w"));
    graph["settings"] = {{"concurrency", {{"limit", 2}}}};
    BOOST_REQUIRE(one.workflows.saveDraft(1, "main", dumpJson(graph)).ok());
    BOOST_REQUIRE(one.workflows.publish(1, "main", "test").ok());
    auto store = one.db.open();
    {
        Ids ids{one.clock, 2};
        EventLog log{*store, one.clock};
        WorkflowStore workflows{*store, ids, one.clock, &one.lua};
        NotedResponses responses;
        Engine two({*store, one.clock, ids, log, workflows, one.effects, &one.lua, &responses, &one.actions},
                   {});
        one.start();
        two.start();
        one.until([&] { return two.isReady(); }, "the second engine is ready");

        constexpr int kRuns = 16;
        std::atomic<int> started{0};
        for (int i = 0; i < kRuns; ++i) {
            Engine& engine = i % 2 == 0 ? *one.engine : two;
            engine.startManual({1, "main", Json::object(), false, "k" + std::to_string(i)},
                               [&](const Result<Id>& run) { started += run ? 1 : 0; });
        }
        one.until([&] { return started == kRuns; }, "all are started");
        std::int64_t most = 0;
        one.until(
            [&] {
                one.clock.advance(100ms);
                most = std::max(most,
                                one.count("SELECT COUNT(*) FROM runs WHERE status IN ('running', 'waiting')"
                                          " AND is_queued = 0"));
                std::this_thread::sleep_for(2ms);
                return one.runsThatAre("succeeded") == kRuns;
            },
            "all runs are over");

        BOOST_TEST(most == 2);
        two.stop();
        store->close();  // before the log, which hears of commits, is gone
    }
}
