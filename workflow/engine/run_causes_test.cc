// Workflows that start one another without end are cut off.
#include <boost/test/unit_test.hpp>
#include <future>

#include "tests/support/engine_fixture.h"
#include "workflow/engine/run_care.h"
#include "workflow/engine/run_causes.h"

using namespace signalbox;
using namespace signalbox::workflow;
using namespace std::chrono_literals;

namespace {

// The action "echo" writes the event that the workflow is started by.
struct Loops : EngineFixture {
    Loops() {
        actions.other = [this](const ActionRequest& action) -> Result<PreparedAction> {
            const std::string payload = dumpJson({{"by", action.workflow}});
            return PreparedAction{Json::object(), [this, payload](Tx& tx) {
                                      log.append(tx, {1, "ticket.updated", 0, 0, payload});
                                  }};
        };
        publish("loop",
                R"("t":{"type":"trigger.event","event":"ticket.updated"},
                   "c":{"type":"change_item","kind":"ticket","id":"tkt_1","priority":"high"})",
                "t>c");
    }
    std::int64_t untilQuiet() {
        std::int64_t runs = -1;
        until(
            [&] {
                untilIdle();
                return engine->stats().offset == log.head() && log.head() == std::exchange(runs, log.head());
            },
            "no more events come");
        return count("SELECT COUNT(*) FROM runs");
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_workflow_that_causes_its_own_event_ends_with_an_error_that_says_so) {
    Loops f;
    f.start();

    f.append("ticket.updated", Json::object());
    f.until([&] { return f.runsThatAre("failed") == 1; }, "the chain is cut");

    BOOST_TEST(f.untilQuiet() == kMaxCausedRuns + 2);
    const Json error = f.runs("failed").at(0)["error"];
    BOOST_TEST(error["code"] == "caused_too_deep");
    BOOST_TEST(textAt(error, "message").find("10 runs") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_chain_is_cut_by_another_daemon_as_well) {
    Loops f;
    f.start();
    f.append("ticket.updated", Json::object());
    f.until([&] { return f.runs().size() > 3; }, "the chain is under way");

    f.restart();

    f.until([&] { return f.runsThatAre("failed") == 1; }, "the chain is cut");
    BOOST_TEST(f.untilQuiet() == kMaxCausedRuns + 2);
}

BOOST_AUTO_TEST_CASE(what_people_change_begins_no_chain) {
    Loops f;
    f.actions.other = [](const ActionRequest&) -> Result<PreparedAction> { return PreparedAction{}; };
    f.start();

    for (int i = 0; i < 30; ++i) f.append("ticket.updated", Json::object());
    f.untilIdle();

    BOOST_TEST(f.runsThatAre("succeeded") == 30U);
}

BOOST_AUTO_TEST_CASE(later_states_of_a_message_belong_to_the_run_that_sent_it) {
    EngineFixture f;
    f.publish("thanks",
              R"("t":{"type":"trigger.status","state":"accepted"},
                 "c":{"type":"change_item","kind":"ticket","id":"tkt_1","priority":"high"})",
              "t>c");
    int sent = 0;  // by the action, which stands for a message here; walks of one chain take turns
    f.actions.other = [&](const ActionRequest&) -> Result<PreparedAction> {
        const std::string payload = dumpJson({{"message", {{"id", "msg_" + std::to_string(++sent)}}}});
        return PreparedAction{Json::object(), [&f, payload](Tx& tx) {
                                  f.log.append(tx, {1, "message.queued", 0, 0, payload});
                              }};
    };
    f.start();

    f.append("message.status", {{"message_id", "msg_0"}, {"state", "accepted"}});
    for (int i = 1; i <= kMaxCausedRuns + 1; ++i) {
        f.untilIdle();
        BOOST_TEST(f.runs().size() == static_cast<std::size_t>(i));
        f.append("message.status", {{"message_id", "msg_" + std::to_string(i)}, {"state", "accepted"}});
    }
    f.untilIdle();

    BOOST_TEST(f.runsThatAre("failed") == 1U);
    BOOST_TEST(f.runsThatAre("succeeded") == static_cast<std::size_t>(kMaxCausedRuns + 1));
}

BOOST_AUTO_TEST_CASE(a_family_of_runs_has_a_budget_and_its_nodes_say_when_it_is_spent) {
    EngineFixture f;
    f.publish("bomb",
              R"("m":{"type":"trigger.manual"},"t":{"type":"trigger.sub_workflow"},
                 "a":{"type":"start_workflow","workflow":"bomb"},"b":{"type":"start_workflow","workflow":"bomb"})",
              "m>a m>b t>a t>b");
    f.start();
    std::promise<Result<Id>> promise;
    f.engine->startManual({1, "bomb"}, [&](Result<Id> id) { promise.set_value(std::move(id)); });
    const Id root = *promise.get_future().get();
    // As if most of the family had run.
    f.until([&] { return f.count("SELECT COUNT(*) FROM run_families") == 1; }, "grandchildren are counted");
    BOOST_REQUIRE(
        f.db.store()
            .writeAndWait([&](Tx& tx) {
                tx.exec("UPDATE run_families SET runs = $1 WHERE root = $2", {kMaxDescendants - 5, root});
            })
            .ok());

    f.until([&] { return f.count("SELECT COUNT(*) FROM runs WHERE status IN ('running', 'waiting')") == 0; },
            "the family dies out");

    BOOST_TEST(f.count("SELECT COUNT(*) FROM runs") < 10'000);
    BOOST_TEST(f.runs("failed").at(0)["error"]["code"] == "too_many_runs");
    f.clock.advance(24h * 61);
    BOOST_TEST(forgetOldRuns(f.db.store(), f.clock.now()).ok());
    BOOST_TEST(f.count("SELECT COUNT(*) FROM run_families") == 0);
}
