#include "workflow/engine/engine.h"

#include <future>

#include "tests/support/engine_fixture.h"

using namespace signalbox;
using namespace signalbox::workflow;
using namespace std::chrono_literals;

namespace {

const std::string kHook = R"("t":{"type":"trigger.webhook"})";
const std::string kAnswer =
    kHook +
    R"(,"i":{"type":"if","condition":"content.body.n > 1"},"l":{"type":"lua","source":"echo"},"r":{"type":"respond","body":"n={{ content.body.n }}"})";
const std::string kAnswerEdges = "t>i i:true>l l>r";
const std::string kSend =
    kHook +
    R"(,"s":{"type":"send_message","account":"a","to":"+1","text":"hi"},"d":{"type":"set","fields":{"done":true},"keep":false})";
const std::string kSendEdges = "t>s s>d";

Id started(EngineFixture& f, ManualStart start) {
    std::promise<Result<Id>> promise;
    f.engine->startManual(std::move(start), [&](Result<Id> id) { promise.set_value(std::move(id)); });
    auto id = promise.get_future().get();
    BOOST_REQUIRE_MESSAGE(id.ok(), (id ? "" : id.error().message));
    return *id;
}

Result<Id> retried(EngineFixture& f, const std::string& run, RetryFrom from) {
    std::promise<Result<Id>> promise;
    f.engine->retry(1, *parseId(kRunId, run), from, [&](Result<Id> id) { promise.set_value(std::move(id)); });
    return promise.get_future().get();
}

Status cancelled(EngineFixture& f, const std::string& run) {
    std::promise<Status> promise;
    f.engine->cancel(1, *parseId(kRunId, run), [&](Status status) { promise.set_value(std::move(status)); });
    return promise.get_future().get();
}

void untilOver(EngineFixture& f, Id run) {
    f.until([&] { return !f.run(idText(kRunId, run))["ended_at"].is_null(); }, "the run ends");
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_event_starts_one_run_of_each_workflow_that_wants_it) {
    EngineFixture f;
    f.publish("one", kAnswer, kAnswerEdges);
    f.publish("two", kHook + R"(,"d":{"type":"set","fields":{"x":1}})", "t>d");
    f.publish("other", R"("t":{"type":"trigger.webhook","account":"bank"})", "");
    f.start();

    f.webhook({{"n", 5}});
    f.append("something.else", Json::object());
    f.untilIdle();

    BOOST_TEST(f.runsThatAre("succeeded") == 2U);
    BOOST_TEST(f.runs().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_run_that_never_waits_is_one_write) {
    EngineFixture f;
    f.publish("one", kAnswer, kAnswerEdges);
    f.start();

    f.webhook({{"n", 5}});
    f.untilIdle();

    const Json run = f.run(f.runs()[0]["id"]);
    BOOST_TEST(run["nodes"].size() == 4U);
    BOOST_TEST(run["trigger"]["offset"] == 1);
    BOOST_TEST(f.count("SELECT revision FROM runs") == 1);
    BOOST_TEST(f.count("SELECT COUNT(*) FROM run_walks") == 1);
    BOOST_TEST(f.count("SELECT COUNT(*) FROM runs WHERE state <> '' OR wake_at IS NOT NULL") == 0);
}

BOOST_AUTO_TEST_CASE(the_request_is_answered_after_the_commit_or_told_that_nobody_will) {
    EngineFixture f;
    f.publish("one", kAnswer, kAnswerEdges);
    f.start();

    const auto answered = f.webhook({{"n", 5}});
    const auto unanswered = f.webhook({{"n", 0}});
    const auto unwanted = f.append("nobody.cares", Json::object());
    f.untilIdle();

    BOOST_TEST(f.responses.of(answered) == "respond n=5;");
    BOOST_TEST(f.responses.of(unanswered) == "finished;");
    BOOST_TEST(f.responses.of(unwanted) == "finished;");
}

BOOST_AUTO_TEST_CASE(a_caller_is_told_when_the_run_that_was_to_answer_failed) {
    EngineFixture f;
    const std::string stop =
        R"(,"x":{"type":"set","fields":{"a":"{{ 'a' * 2 }}"}},"r":{"type":"respond","body":"late"})";
    f.publish("now", R"("t":{"type":"trigger.webhook","condition":"content.body.n == 1"})" + stop, "t>x x>r");
    f.publish(
        "later",
        R"("t":{"type":"trigger.webhook","condition":"content.body.n == 2"},"w":{"type":"wait","seconds":5})" +
            stop,
        "t>w w>x x>r");
    f.start();

    const auto at_once = f.webhook({{"n", 1}});
    const auto later = f.webhook({{"n", 2}});
    const auto ended = f.webhook({{"n", 2}});
    f.untilIdle();
    for (const auto& run : f.runs("waiting"))
        if (f.run(run["id"])["trigger"]["offset"] == ended) BOOST_TEST(cancelled(f, run["id"]).ok());
    f.clock.advance(6s);

    f.until([&] { return !f.responses.of(later).empty(); }, "the late run fails");
    BOOST_TEST(f.responses.of(at_once) == "failed;");
    BOOST_TEST(f.responses.of(ended) == "failed;");
    BOOST_TEST(f.responses.of(later) == "failed;");
}

BOOST_AUTO_TEST_CASE(a_workflow_of_disabled_triggers_says_so_when_it_is_run) {
    EngineFixture f;
    f.publish("off", R"("t":{"type":"trigger.manual","disabled":true},"d":{"type":"set","fields":{"x":1}})",
              "t>d");
    f.start();

    std::promise<Result<Id>> promise;
    f.engine->startManual({1, "off"}, [&](Result<Id> id) { promise.set_value(std::move(id)); });
    const auto refused = promise.get_future().get();

    BOOST_REQUIRE(!refused.ok());
    BOOST_TEST(refused.error().code == "no_trigger");
}

BOOST_AUTO_TEST_CASE(a_request_waits_for_a_run_that_may_still_answer) {
    EngineFixture f;
    f.publish("late", kHook + R"(,"w":{"type":"wait","seconds":5},"r":{"type":"respond","body":"late"})",
              "t>w w>r");
    f.publish("silent", kHook, "");
    f.start();

    const auto offset = f.webhook();
    f.untilIdle();
    BOOST_TEST(f.responses.of(offset) == "");
    f.clock.advance(5s);
    f.until([&] { return !f.responses.of(offset).empty(); }, "an answer");

    BOOST_TEST(f.responses.of(offset) == "respond late;");
}

BOOST_AUTO_TEST_CASE(events_that_are_read_again_start_no_second_run) {
    EngineFixture f;
    f.publish("one", kSend, kSendEdges);
    f.start();
    for (int i = 0; i < 20; ++i) f.webhook();
    f.untilIdle();
    f.engine.reset();

    BOOST_REQUIRE(
        f.db.store().writeAndWait([](Tx& tx) { tx.exec("UPDATE cursors SET log_offset = 0", {}); }).ok());
    f.start();
    f.untilIdle();

    BOOST_TEST(f.runs().size() == 20U);
    BOOST_TEST(f.count("SELECT COUNT(*) FROM noted_effects") == 20);
}

BOOST_AUTO_TEST_CASE(the_cursor_is_saved_at_stop) {
    EngineFixture f;
    f.publish("one", kAnswer, kAnswerEdges);
    f.start();
    for (int i = 0; i < 5; ++i) f.webhook({{"n", i}});
    f.untilIdle();

    f.engine->stop();

    BOOST_TEST(readCursor(f.db.store(), "workflow") == 5);
}

BOOST_AUTO_TEST_CASE(a_run_waits_for_its_receipt_and_takes_it_once) {
    EngineFixture f;
    f.publish("one", kSend, kSendEdges);
    f.start();
    f.webhook();
    f.untilIdle();
    BOOST_TEST(f.runsThatAre("waiting") == 1U);
    const Json waiting = f.run(f.runs()[0]["id"]);
    BOOST_TEST(waiting["waiting"][0]["node"] == "s");

    f.answerEffects();
    f.untilIdle();
    BOOST_REQUIRE(f.db.store()
                      .writeAndWait([](Tx& tx) { tx.exec("UPDATE noted_effects SET is_answered = 0", {}); })
                      .ok());
    f.answerEffects();
    f.untilIdle();

    const Json run = f.run(f.runs()[0]["id"]);
    BOOST_TEST(run["status"] == "succeeded");
    BOOST_TEST(run["result"] == Json::parse(R"({"done":true})"));
    BOOST_TEST(run["nodes"].size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_wait_survives_a_restart_and_ends_at_its_time) {
    EngineFixture f;
    f.publish("one", kHook + R"(,"w":{"type":"wait","seconds":3600},"d":{"type":"set","fields":{"x":1}})",
              "t>w w>d");
    f.start();
    f.webhook();
    f.untilIdle();

    f.restart();
    f.clock.advance(3599s);
    f.untilIdle();
    BOOST_TEST(f.runsThatAre("waiting") == 1U);
    f.clock.advance(1s);
    f.until([&] { return f.runsThatAre("succeeded") == 1; }, "the wait ends");

    BOOST_TEST(f.count("SELECT COUNT(*) FROM run_walks") == 2);
}

BOOST_AUTO_TEST_CASE(many_waits_that_are_due_at_one_moment_all_end) {
    EngineFixture f;
    f.publish("one", kHook + R"(,"w":{"type":"wait","until":"2026-01-05T10:00:00Z"})", "t>w");
    f.start();
    for (int i = 0; i < 300; ++i) f.webhook();
    f.untilIdle();

    f.restart();
    f.clock.advance(2h);
    f.until([&] { return f.runsThatAre("succeeded") == 300; }, "all waits end");

    BOOST_TEST(f.count("SELECT COUNT(*) FROM run_walks") == 600);
}

BOOST_AUTO_TEST_CASE(a_run_ends_at_its_deadline) {
    EngineFixture f;
    f.publish("one", kSend, kSendEdges);
    f.start();
    f.webhook();
    f.untilIdle();

    f.clock.advance(24h);
    f.until([&] { return f.runsThatAre("failed") == 1; }, "the deadline");

    BOOST_TEST(f.runs()[0]["error"]["code"] == "deadline");
}

BOOST_AUTO_TEST_CASE(running_runs_keep_the_version_they_began_with) {
    EngineFixture f;
    f.publish(
        "one",
        kHook + R"(,"w":{"type":"wait","seconds":5},"d":{"type":"set","keep":false,"fields":{"v":"old"}})",
        "t>w w>d");
    f.start();
    f.webhook();
    f.untilIdle();

    f.publish("one", kHook + R"(,"d":{"type":"set","keep":false,"fields":{"v":"new"}})", "t>d");
    f.webhook();
    f.untilIdle();
    f.clock.advance(5s);
    f.until([&] { return f.runsThatAre("succeeded") == 2; }, "both end");

    const Json runs = f.runs();
    BOOST_TEST(f.run(runs[1]["id"])["result"]["v"] == "old");
    BOOST_TEST(f.run(runs[0]["id"])["result"]["v"] == "new");
    BOOST_TEST(runs[0]["version"] == 2);
}

BOOST_AUTO_TEST_CASE(a_manual_run_is_stored_before_it_runs_and_its_key_makes_it_unique) {
    EngineFixture f;
    f.publish("one", R"("t":{"type":"trigger.manual"},"d":{"type":"set","fields":{"y":"{{ item.x }}"}})",
              "t>d");
    f.start();

    const Id first = started(f, {1, "one", {{"x", 3}}, false, "order-1"});
    const Id again = started(f, {1, "one", {{"x", 4}}, false, "order-1"});
    untilOver(f, first);

    BOOST_TEST(first == again);
    BOOST_TEST(f.run(idText(kRunId, first))["result"]["y"] == 3);
    BOOST_TEST(f.runs().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_run_asked_for_before_the_engine_is_ready_is_not_lost) {
    EngineFixture f;
    f.publish("one", R"("t":{"type":"trigger.manual"},"l":{"type":"lua","source":"echo"})", "t>l");
    f.create();

    const Id run = started(f, {1, "one", {{"x", 3}}, false, ""});
    f.engine->start();
    untilOver(f, run);

    BOOST_TEST(f.run(idText(kRunId, run))["status"] == "succeeded");
    BOOST_TEST(f.run(idText(kRunId, run))["nodes"].size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_workflow_that_is_not_published_is_not_run) {
    EngineFixture f;
    f.start();
    BOOST_REQUIRE(f.workflows.saveDraft(1, "draft", flowText(R"("t":{"type":"trigger.manual"})", "")).ok());
    std::vector<std::string> codes;

    for (const char* name : {"draft", "nowhere"}) {
        f.engine->startManual({1, name}, [&](Result<Id> id) { codes.push_back(id.error().code); });
    }

    BOOST_TEST(codes == (std::vector<std::string>{"workflow_not_published", "workflow_not_found"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_dry_run_sends_nothing) {
    EngineFixture f;
    f.publish("one", kSend, kSendEdges);
    f.start();

    const Id run = started(f, {1, "one", Json::object(), true, ""});
    untilOver(f, run);

    const Json shown = f.run(idText(kRunId, run));
    BOOST_TEST(shown["is_dry"] == true);
    BOOST_TEST(shown["status"] == "succeeded");
    BOOST_TEST(shown["nodes"][1]["request"]["text"] == "hi");
    BOOST_TEST(f.count("SELECT COUNT(*) FROM noted_effects") == 0);
}

BOOST_AUTO_TEST_CASE(a_failed_run_goes_on_from_its_failure_with_earlier_outputs_kept) {
    EngineFixture f;
    f.lua.add("flaky", [](const Json&) -> Result<Json> {
        return Error{ErrorKind::Invalid, "line 1: boom", {}, "E_LUA_RUNTIME"};
    });
    f.publish("one", kHook + R"(,"a":{"type":"lua","source":"echo"},"l":{"type":"lua","source":"flaky"})",
              "t>a a>l");
    f.start();
    f.webhook({{"n", 5}});
    f.untilIdle();
    const std::string failed = f.runs()[0]["id"];
    BOOST_TEST(f.runs()[0]["error"]["node"] == "l");

    f.engine->stop();
    f.lua.add("flaky", [](const Json& item) -> Result<Json> { return item["content"]["body"]; });
    f.restart();
    const int calls = f.lua.calls;
    const auto retry = retried(f, failed, RetryFrom::Failure);
    BOOST_REQUIRE(retry.ok());
    untilOver(f, *retry);

    const Json run = f.run(idText(kRunId, *retry));
    BOOST_TEST(run["status"] == "succeeded");
    BOOST_TEST(run["result"]["n"] == 5);
    BOOST_TEST(f.lua.calls - calls == 1);
    BOOST_TEST(run["nodes"][1]["pinned"] == true);
    BOOST_TEST(run["nodes"][1]["output"]["content"]["body"]["n"] == 5);
    BOOST_TEST(f.run(failed)["status"] == "failed");
}

BOOST_AUTO_TEST_CASE(a_run_can_be_repeated_from_the_start_but_not_retried_without_a_failure) {
    EngineFixture f;
    f.publish("one", kAnswer, kAnswerEdges);
    f.start();
    f.webhook({{"n", 7}});
    f.untilIdle();
    const std::string run = f.runs()[0]["id"];

    const auto refused = retried(f, run, RetryFrom::Failure);
    const auto repeated = retried(f, run, RetryFrom::Start);

    BOOST_REQUIRE(!refused.ok());
    BOOST_TEST((refused.error().kind == ErrorKind::Conflict));
    BOOST_REQUIRE(repeated.ok());
    untilOver(f, *repeated);
    BOOST_TEST(f.run(idText(kRunId, *repeated))["nodes"].size() == 4U);
}

BOOST_AUTO_TEST_CASE(cancel_is_final_and_answers_truthfully) {
    EngineFixture f;
    f.publish("one", kSend, kSendEdges);
    f.start();
    f.webhook();
    f.untilIdle();
    const std::string run = f.runs()[0]["id"];

    const Status first = cancelled(f, run);
    const Status second = cancelled(f, run);
    const Status unknown = cancelled(f, idText(kRunId, 5));
    f.answerEffects();
    f.untilIdle();

    BOOST_TEST(first.ok());
    BOOST_TEST((second.error().kind == ErrorKind::Conflict));
    BOOST_TEST(second.error().message == "the run is cancelled already");
    BOOST_TEST((unknown.error().kind == ErrorKind::NotFound));
    BOOST_TEST(f.run(run)["status"] == "cancelled");
}

BOOST_AUTO_TEST_CASE(a_run_that_brings_the_daemon_down_again_and_again_is_quarantined) {
    EngineFixture f;
    f.publish("one", kAnswer, kAnswerEdges);
    f.start();
    f.engine.reset();
    const auto row = [&](Tx& tx) {
        tx.exec(
            "INSERT INTO runs (id, org, workflow, version, trigger_key, status, is_dry, revision, input, "
            "state, result, error,"
            " conversation, recoveries, deadline_at, wake_at, started_at, ended_at) SELECT 99, 1, id, 1, "
            "'event:1', 'running',"
            " 0, 0, '{}', '', '', '', 0, 3, 4102444800000000, NULL, 0, NULL FROM workflows",
            {});
    };
    BOOST_REQUIRE(f.db.store().writeAndWait(row).ok());

    f.start();
    f.until([&] { return f.runsThatAre("quarantined") == 1; }, "the quarantine");

    BOOST_TEST(f.runs()[0]["error"]["code"] == "quarantined");
}

BOOST_AUTO_TEST_CASE(events_left_by_a_dead_daemon_are_written_down_before_they_are_walked) {
    EngineFixture f;
    f.publish("one", kAnswer, kAnswerEdges);
    f.webhook({{"n", 5}});

    f.start();
    f.until([&] { return f.runsThatAre("succeeded") == 1; }, "the run ends");

    f.until([&] { return f.responses.of(1) == "respond n=5;"; }, "the answer");
    BOOST_TEST(f.count("SELECT revision FROM runs") == 1);
}

BOOST_AUTO_TEST_CASE(runs_of_many_workers_are_all_there) {
    EngineFixture f;
    f.publish("one", kSend, kSendEdges);
    f.start();
    for (int i = 0; i < 500; ++i) f.webhook({{"n", i}});
    f.untilIdle();

    BOOST_TEST(f.answerEffects() == 500);
    f.untilIdle();

    BOOST_TEST(f.runsThatAre("succeeded") == 500U);
}
