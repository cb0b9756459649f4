// A change that the commit cannot make after all is its node's error: nothing of that walk is written.
#include "tests/support/engine_fixture.h"

using namespace signalbox;
using namespace signalbox::workflow;
using namespace std::chrono_literals;

namespace {

// Conversations can be given any priority but urgent, which only the commit knows.
struct RefusalFixture : EngineFixture {
    RefusalFixture() {
        actions.other = [this](const ActionRequest& action) -> Result<PreparedAction> {
            const std::string priority = textAt(action.request, "priority");
            return PreparedAction{
                {{"priority", priority}}, [this, priority](Tx& tx) {
                    if (priority == "urgent") ++refused;
                    if (priority == "urgent")
                        throw ActionRefused({ErrorKind::Conflict, "it is taken", {}, "taken"});
                    tx.exec(
                        "INSERT INTO noted_actions (id, idempotency_key, path, text)"
                        " VALUES ($1, 'k', '', $2)",
                        {ids.next(), std::string_view(priority)});
                }};
        };
    }
    std::int64_t changes() { return count("SELECT COUNT(*) FROM noted_actions"); }
    Json nodeOf(const Json& run, const std::string& id) {
        for (const Json& node : run["nodes"])
            if (node["node"] == id) return node;
        return nullptr;
    }

    std::atomic<int> refused{0};
};

constexpr auto kNodes = R"("t":{"type":"trigger.webhook"},"h":{"type":"set_priority","priority":"high"},
    "u":{"type":"set_priority","priority":"urgent"},"s":{"type":"set","fields":{"said":"{{ error.code }}"}})";

}  // namespace

BOOST_AUTO_TEST_CASE(a_refused_change_fails_its_node_and_what_the_walk_did_besides_is_done_once) {
    RefusalFixture f;
    f.publish("main", kNodes, "t>h h>u u>s");
    f.start();

    f.webhook();
    f.until([&] { return f.runsThatAre("failed") == 1; }, "the run fails");

    const Json run = f.run(f.runs()[0]["id"]);
    BOOST_TEST(run["error"]["node"] == "u");
    BOOST_TEST(run["error"]["code"] == "taken");
    BOOST_TEST(f.nodeOf(run, "u")["error"]["message"] == "it is taken");
    BOOST_TEST(f.changes() == 1);
    BOOST_TEST(f.runs().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_refused_change_leaves_through_the_nodes_error_port_also_when_the_run_was_woken) {
    RefusalFixture f;
    f.publish("main",
              R"("t":{"type":"trigger.webhook"},"w":{"type":"wait","seconds":60},
                 "u":{"type":"set_priority","priority":"urgent","on_error":"port"},
                 "h":{"type":"set_priority","priority":"high"})",
              "t>w w>u u:error>h");
    f.start();

    f.webhook();
    f.until([&] { return f.runsThatAre("waiting") == 1; }, "the run waits");
    f.clock.advance(61s);
    f.until([&] { return f.runsThatAre("succeeded") == 1; }, "the run ends");

    BOOST_TEST(f.changes() == 1);
    BOOST_TEST(f.count("SELECT COUNT(*) FROM run_walks") == 2);
}

BOOST_AUTO_TEST_CASE(a_change_that_is_refused_at_first_is_made_by_the_nodes_next_try) {
    RefusalFixture f;
    const auto other = f.actions.other;
    std::atomic<bool> is_taken{true};
    f.actions.other = [&](const ActionRequest& action) -> Result<PreparedAction> {
        auto made = other(action);
        made->apply = [apply = made->apply, &is_taken](Tx& tx) {
            if (is_taken) throw ActionRefused({ErrorKind::Conflict, "it is taken", {}, "taken"});
            apply(tx);
        };
        return made;
    };
    f.publish("main",
              R"("t":{"type":"trigger.webhook"},
                 "h":{"type":"set_priority","priority":"high","retry":{"attempts":2,"first_wait_s":10,"on":["taken"]}})",
              "t>h");
    f.start();

    f.webhook();
    f.until([&] { return f.runsThatAre("waiting") == 1; }, "it waits for the next try");
    is_taken = false;
    f.clock.advance(20s);
    f.until([&] { return f.runsThatAre("succeeded") == 1; }, "the run ends");

    BOOST_TEST(f.changes() == 1);
}
