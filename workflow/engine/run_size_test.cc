// What a run holds has limits, and whatever is within them is written, read back and answered.
#include <boost/test/unit_test.hpp>

#include "tests/support/engine_fixture.h"

using namespace signalbox;
using namespace signalbox::workflow;
using namespace std::chrono_literals;

namespace {

const std::string kHook = R"("t":{"type":"trigger.webhook"})";

std::string set(const std::string& id, const std::string& fields, bool keeps = false) {
    return ",\"" + id + R"(":{"type":"set","keep":)" + (keeps ? "true" : "false") + R"(,"fields":{)" +
           fields + "}}";
}

// t>n0 n0>n1 …: each with the data before it as its member `a`.
std::pair<std::string, std::string> chain(int length, const std::string& fields = R"("a":"{{ item }}")") {
    std::string nodes, edges = "t>n0";
    for (int i = 0; i < length; ++i) {
        nodes += set("n" + std::to_string(i), fields);
        if (i > 0) edges += " n" + std::to_string(i - 1) + ">n" + std::to_string(i);
    }
    return {nodes, edges};
}

Json nested(int depth) {
    Json value = 1;
    for (int i = 0; i < depth; ++i) value = Json::array({std::move(value)});
    return value;
}

}  // namespace

BOOST_AUTO_TEST_CASE(data_that_double_at_each_fork_end_the_run_with_the_limits_name) {
    EngineFixture f;
    std::string nodes = kHook, edges, before = "t";
    for (int i = 0; i < 12; ++i) {
        const std::string n = std::to_string(i);
        nodes +=
            set("a" + n, R"("x":1)", true) + set("b" + n, R"("x":1)", true) + set("m" + n, R"("y":1)", true);
        edges +=
            before + ">a" + n + " " + before + ">b" + n + " a" + n + ">m" + n + " b" + n + ">m" + n + " ";
        before = "m" + n;
    }
    f.publish("diamonds", nodes, edges);
    f.start();

    f.webhook({{"text", std::string(200'000, 'x')}});
    f.untilIdle();

    const Json run = f.runs("failed").at(0);
    BOOST_TEST(run["error"]["code"] == "run_too_large");
    BOOST_TEST(textAt(run["error"], "message").find("64 MiB") != std::string::npos);
    BOOST_TEST(textAt(run["error"], "node") != "");
    BOOST_TEST(f.count("SELECT MAX(LENGTH(state)) FROM runs") == 0);
}

BOOST_AUTO_TEST_CASE(an_error_port_takes_what_has_no_room) {
    EngineFixture f;
    auto [nodes, edges] = chain(7, R"("a":"{{ item }}","b":"{{ item }}")");
    f.publish(
        "doubling",
        kHook + nodes +
            R"(,"l":{"type":"set","keep":false,"on_error":"port","fields":{"x":["{{ item }}","{{ item }}"]}})" +
            set("e", R"("said":"{{ item.error.code }}")"),
        edges + " n6>l l:error>e");
    f.start();

    f.webhook({{"text", std::string(200'000, 'x')}});
    f.untilIdle();

    const Json run = f.run(f.runs("succeeded").at(0)["id"]);
    BOOST_TEST(dumpJson(run["result"]) == R"({"said":"expression"})");
    BOOST_TEST(run["nodes"].at(8)["output"]["input"].is_null());  // of the node that failed
}

BOOST_AUTO_TEST_CASE(a_bare_value_counts_as_much_as_one_that_was_made) {
    EngineFixture f;
    auto [nodes, edges] = chain(9, R"("a":"{{ item }}","b":"{{ item }}")");
    f.publish("doubling", kHook + nodes, edges);
    f.start();

    f.webhook({{"text", std::string(100'000, 'x')}});
    f.untilIdle();

    const Json run = f.runs("failed").at(0);
    BOOST_TEST(textAt(run["error"], "message").find("16 MiB") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_run_that_nests_its_data_too_deep_ends_with_that_error) {
    EngineFixture f;
    auto [nodes, edges] = chain(140);
    f.publish("deep", kHook + nodes + R"(,"w":{"type":"wait","seconds":1})", edges + " n139>w");
    f.start();

    f.webhook();
    f.untilIdle();

    BOOST_TEST(f.runs("failed").at(0)["error"]["code"] == "data_too_deep");
}

BOOST_AUTO_TEST_CASE(a_run_at_the_depth_that_is_let_through_is_read_back) {
    EngineFixture f;
    auto [nodes, edges] = chain(95);
    f.publish("deep", kHook + nodes + R"(,"w":{"type":"wait","seconds":1})" + set("z", R"("done":true)"),
              edges + " n94>w w>z");
    f.start();

    f.webhook();
    f.untilIdle();
    f.clock.advance(1s);

    f.until([&] { return f.runsThatAre("succeeded") == 1; }, "the run goes on after its wait");
}

BOOST_AUTO_TEST_CASE(an_answer_of_many_values_or_deep_ones_resumes_its_run) {
    EngineFixture f;
    f.publish("asks",
              kHook + R"(,"h":{"type":"http_request","account":"a","url":"/x"})" +
                  set("z", R"("n":"{{ item.body | length }}")"),
              "t>h h>z");
    f.start();
    f.webhook();
    f.webhook();
    f.untilIdle();
    std::vector<std::string> keys;
    f.db.store().read([&](Reader& reader) {
        for (const Row& row : reader.query("SELECT run_key FROM noted_effects")) keys.push_back(row.text(0));
    });
    const auto answer = [&](const std::string& key, Json body) {
        f.append(
            "outbox.finished",
            {{"run_key", key}, {"state", "sent"}, {"content", {{"status", 200}, {"body", std::move(body)}}}});
    };

    answer(keys.at(0), Json(Json::array_t(150'000, Json(1))));
    answer(keys.at(1), nested(80));
    f.untilIdle();

    BOOST_TEST(f.runsThatAre("succeeded") == 2U);
    BOOST_TEST(dumpJson(f.runs()).find("waiting") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_answer_that_cannot_be_read_is_its_nodes_error) {
    EngineFixture f;
    f.publish("asks", kHook + R"(,"h":{"type":"http_request","account":"a","url":"/x"})", "t>h");
    f.publish("child", R"("t":{"type":"trigger.sub_workflow"},"w":{"type":"wait","seconds":60})", "t>w");
    f.publish("parent", kHook + R"(,"c":{"type":"sub_workflow","workflow":"child"})", "t>c");
    f.start();
    f.webhook();
    f.untilIdle();
    std::string key, child_key;
    f.db.store().read([&](Reader& reader) {
        key = reader.query("SELECT run_key FROM noted_effects").at(0).text(0);
        child_key = reader.query("SELECT parent_key FROM runs WHERE parent <> 0").at(0).text(0);
    });

    f.append("outbox.finished", {{"run_key", key}, {"state", "sent"}, {"content", nested(300)}});
    f.append("run.finished", {{"run_key", child_key}, {"status", "succeeded"}, {"result", nested(300)}});
    f.untilIdle();

    const Json failed = f.runs("failed");
    BOOST_REQUIRE(failed.size() == 2U);
    for (const auto& run : failed) BOOST_TEST(run["error"]["code"] == "answer_not_readable");
}

BOOST_AUTO_TEST_CASE(a_deep_result_of_a_child_comes_to_its_parent) {
    EngineFixture f;
    auto [nodes, edges] = chain(85);
    f.publish("child", R"("t":{"type":"trigger.sub_workflow"})" + nodes, edges);
    f.publish("parent",
              kHook + R"(,"c":{"type":"sub_workflow","workflow":"child"})" + set("z", R"("done":1)"),
              "t>c c>z");
    f.start();

    f.webhook();
    f.until([&] { return f.runsThatAre("succeeded") == 2; }, "parent and child end");
}

BOOST_AUTO_TEST_CASE(a_run_whose_state_cannot_be_read_fails) {
    EngineFixture f;
    f.publish("waits", kHook + R"(,"w":{"type":"wait","seconds":5})", "t>w");
    f.publish("hears", kHook + R"(,"w":{"type":"wait_event","event":"custom.go"})", "t>w");
    f.start();
    f.webhook();
    f.untilIdle();
    const std::string deep = R"({"v":1,"outputs":)" + dumpJson(nested(300)) + "}";
    BOOST_REQUIRE(f.db.store()
                      .writeAndWait([&](Tx& tx) {
                          tx.exec("UPDATE runs SET state = $1 WHERE status = 'waiting'", {deep});
                      })
                      .ok());

    f.clock.advance(24h);

    f.until([&] { return f.runsThatAre("failed") == 2; }, "both runs fail");
    BOOST_TEST(f.runs("failed").at(0)["error"]["code"] == "run_not_readable");
    BOOST_TEST(f.count("SELECT COUNT(*) FROM run_waits") == 0);
}
