// Runs done once more: whole, from a node on, in bulk; nodes tried alone; old runs found and forgotten.
#include <boost/test/unit_test.hpp>
#include <future>

#include "tests/support/engine_fixture.h"
#include "workflow/engine/run_care.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

const char* const kNodes = R"("in": {"type": "trigger.webhook"},
    "a": {"type": "set", "fields": {"n": "{{ content.body.n }}"}, "keep": false},
    "pick": {"type": "if", "condition": "item.n > 5"},
    "send": {"type": "send_message", "account": "wa", "to": "+49", "text": "{{ item.n }}"},
    "low": {"type": "set", "fields": {"low": true}})";
const char* const kEdges = "in>a a>pick pick:true>send pick:false>low";

struct Replays : EngineFixture {
    Replays() {
        start();
        publish("w", kNodes, kEdges);
    }
    Json show(Id id) { return showRun(db.store(), 1, id).value_or(Json()); }
    Id newest() { return *parseId(kRunId, textAt(listRuns(db.store(), 1, {})["items"][0], "id")); }
    Id ran(const Json& body) {
        const auto before = listRuns(db.store(), 1, {})["items"].size();
        webhook(body);
        until([&] { return listRuns(db.store(), 1, {})["items"].size() > before; }, "the run is stored");
        return newest();
    }
    Result<Id> replay(Replay wish) {
        wish.org = 1;
        std::promise<Result<Id>> promise;
        engine->replay(std::move(wish), [&](Result<Id> id) { promise.set_value(std::move(id)); });
        auto id = promise.get_future().get();
        if (id) until([&] { return textAt(show(*id), "status") != "running"; }, "the replay has run");
        return id;
    }
    std::string path(Id id) {
        std::string out;
        const Json run = show(id);
        for (const auto& entry : run["nodes"])
            out += (out.empty() ? "" : " ") + textAt(entry, "node") + (flagAt(entry, "pinned") ? "!" : "");
        return out;
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_replay_runs_the_old_input_on_the_current_version_and_sends_nothing) {
    Replays fixture;
    const Id old = fixture.ran({{"n", 3}});
    BOOST_TEST(fixture.path(old) == "in a pick low");
    std::string nodes = kNodes;
    nodes.replace(nodes.find("item.n > 5"), 10, "item.n > 1");
    fixture.publish("w", nodes, kEdges);

    Replay wish;
    wish.run = old;
    const auto again = fixture.replay(wish);

    BOOST_REQUIRE(again.ok());
    const Json run = fixture.show(*again);
    BOOST_TEST(run["version"] == 2);
    BOOST_TEST(run["is_dry"] == true);
    BOOST_TEST(run["status"] == "succeeded");
    BOOST_TEST(fixture.path(*again) == "in a pick send");
    BOOST_TEST(fixture.answerEffects() == 0);

    wish.version = 1;
    BOOST_TEST(fixture.path(*fixture.replay(wish)) == "in a pick low");
    wish.version = 9;
    BOOST_TEST(fixture.replay(wish).error().code == "version_not_found");
}

BOOST_AUTO_TEST_CASE(a_partial_run_keeps_what_came_before_its_node_unless_it_is_pinned_anew) {
    Replays fixture;
    const Id old = fixture.ran({{"n", 3}});

    Replay wish;
    wish.run = old;
    wish.from_node = "pick";
    BOOST_TEST(fixture.path(*fixture.replay(wish)) == "in! a! pick low");
    wish.pins = {{"a", {{"n", 8}}}};
    const auto pinned = fixture.replay(wish);
    BOOST_TEST(fixture.path(*pinned) == "in! a! pick send");

    wish.pins = Json::object();
    wish.from_node = "send";
    BOOST_TEST(fixture.replay(wish).error().code == "node_not_reached");
    wish.from_node = "gone";
    BOOST_TEST(fixture.replay(wish).error().code == "node_not_found");
}

BOOST_AUTO_TEST_CASE(one_node_is_tried_with_what_is_pinned_and_nothing_is_sent) {
    Replays fixture;
    NodeTrial trial;
    trial.org = 1;
    trial.workflow = "w";
    trial.node = "send";
    trial.input = {{"n", 7}};
    const auto sent = fixture.engine->tryNode(trial);
    BOOST_REQUIRE(sent.ok());
    BOOST_TEST((*sent)["status"] == "succeeded");
    BOOST_TEST((*sent)["request"]["text"] == "7");
    BOOST_TEST(fixture.answerEffects() == 0);

    trial.node = "pick";
    const auto picked = fixture.engine->tryNode(trial);
    BOOST_TEST((*picked)["port"] == "true");
    BOOST_TEST((*picked)["output"] == trial.input);
    trial.node = "a";
    trial.trigger = {{"content", {{"body", {{"n", 4}}}}}};
    BOOST_TEST((*fixture.engine->tryNode(trial))["output"]["n"] == 4);
    trial.node = "in";
    trial.input = {{"type", "webhook.received"}, {"account", "shop"}, {"content", Json::object()}};
    BOOST_TEST((*fixture.engine->tryNode(trial))["matches"] == true);
    trial.node = "gone";
    BOOST_TEST(fixture.engine->tryNode(trial).error().code == "node_not_found");
}

BOOST_AUTO_TEST_CASE(failed_runs_are_found_by_node_and_error_and_driven_again_once) {
    Replays fixture;
    std::string nodes = kNodes;
    nodes.replace(nodes.find("\"wa\""), 4, "\"gone\"");
    fixture.publish("bad", nodes, kEdges);
    const Id good = fixture.ran({{"n", 3}});
    const Id failed = fixture.ran({{"n", 9}});
    (void)good;
    fixture.until([&] { return fixture.engine->stats().runs_failed == 1; }, "a run failed");
    (void)failed;

    RunFilter filter;
    filter.error = "no account gone";
    const Json found = listRuns(fixture.db.store(), 1, filter);
    BOOST_REQUIRE(found["items"].size() == 1U);
    BOOST_TEST(found["items"][0]["workflow"] == "bad");
    RunFilter by_node;
    by_node.node = "low";
    const Json through = listRuns(fixture.db.store(), 1, by_node);
    BOOST_TEST(through["items"].size() == 2U);
    for (const auto& run : through["items"])
        BOOST_TEST(fixture.path(*parseId(kRunId, textAt(run, "id"))).ends_with("low"));
    RunFilter later;
    later.since = fixture.clock.now() + std::chrono::hours(1);
    BOOST_TEST(listRuns(fixture.db.store(), 1, later)["items"].empty());

    const auto open = failedRuns(fixture.db.store(), 1, filter);
    BOOST_REQUIRE(open.size() == 1U);
    std::promise<Result<Id>> promise;
    fixture.engine->retry(1, open[0], RetryFrom::Failure, [&](Result<Id> id) { promise.set_value(id); });
    const auto again = promise.get_future().get();
    BOOST_REQUIRE(again.ok());
    fixture.until([&] { return fixture.engine->stats().runs_failed == 2; }, "it failed again");
    BOOST_TEST(failedRuns(fixture.db.store(), 1, filter) == std::vector<Id>{*again},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(retention_takes_runs_that_ended_and_never_live_ones) {
    EngineFixture fixture;
    fixture.start();
    const auto text = [](const char* nodes, const char* edges) {
        auto json = parseJson(flowText(nodes, edges));
        (*json)["settings"] = {{"retention_days", 2}, {"deadline_s", 30 * 86400}};
        return dumpJson(*json);
    };
    BOOST_REQUIRE(fixture.workflows
                      .saveDraft(1, "w",
                                 text(R"("in": {"type": "trigger.webhook"},
                          "pick": {"type": "if", "condition": "content.body.wait"},
                          "long": {"type": "wait", "seconds": 864000})",
                                      "in>pick pick:true>long"))
                      .ok());
    BOOST_REQUIRE(fixture.workflows.publish(1, "w", "test")->is_published);
    fixture.webhook({{"wait", false}});
    fixture.webhook({{"wait", true}});
    const auto count = [&] { return listRuns(fixture.db.store(), 1, {})["items"].size(); };
    fixture.until([&] { return count() == 2; }, "both runs are stored");

    BOOST_TEST(*forgetOldRuns(fixture.db.store(), fixture.clock.now() + std::chrono::hours(47)) == 0U);
    BOOST_TEST(*forgetOldRuns(fixture.db.store(), fixture.clock.now() + std::chrono::hours(49)) == 1U);

    const Json left = listRuns(fixture.db.store(), 1, {});
    BOOST_REQUIRE(left["items"].size() == 1U);
    BOOST_TEST(left["items"][0]["status"] == "waiting");
}
