// Versions set free, taken back, compared and withdrawn; a second daemon hears of it through the log.
#include <boost/test/unit_test.hpp>
#include <future>

#include "tests/support/engine_fixture.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

const std::string kHook = R"("in": {"type": "trigger.webhook"}, "out": {"type": "set", "fields": {"v": )";

std::string flowOf(int value) {
    return flowText(kHook + std::to_string(value) + "}}", "in>out");
}

struct Life {
    TestDatabase db{DatabaseKind::Sqlite};
    FakeClock clock;
    Ids ids{clock, 1};
    EventLog log{db.store(), clock};
    WorkflowStore workflows{db.store(), ids, clock, nullptr, {}, &log};

    ~Life() { db.store().close(); }
    std::int64_t publish(const std::string& text) {
        BOOST_REQUIRE(workflows.saveDraft(1, "w", text, "ann").ok());
        const auto published = workflows.publish(1, "w", "ann");
        BOOST_REQUIRE(published.ok());
        BOOST_REQUIRE(published->is_published);
        return published->version;
    }
    std::vector<std::string> events() {
        (void)db.store().writeAndWait([](Tx&) {});  // the log hears of a commit after its callers do
        std::vector<std::string> out;
        for (const auto& record : log.after(0, 100)) out.push_back(record->type);
        return out;
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(an_older_version_comes_back_as_a_new_one_and_the_history_says_who) {
    Life life;
    life.publish(flowOf(1));
    life.publish(flowOf(2));

    const auto back = life.workflows.rollback(1, "w", 1, "bob");

    BOOST_REQUIRE(back.ok());
    BOOST_TEST(back->version == 3);
    BOOST_TEST(*life.workflows.text(1, "w", "published") == flowOf(1));
    BOOST_TEST(*life.workflows.text(1, "w", "draft") == flowOf(2));
    const auto history = life.workflows.history(1, "w", 0, 10);
    BOOST_REQUIRE(history.ok());
    BOOST_REQUIRE(history->size() == 3U);
    BOOST_TEST(history->front().action == "rolled_back");
    BOOST_TEST(history->front().by == "bob");
    BOOST_TEST(history->front().detail == "to version 1");
    BOOST_TEST(life.events() == (std::vector<std::string>{"workflow.published", "workflow.published",
                                                          "workflow.published"}),
               boost::test_tools::per_element());
    BOOST_TEST(life.workflows.rollback(1, "w", 9, "bob").error().code == "version_not_found");
}

BOOST_AUTO_TEST_CASE(publishing_the_same_again_changes_nothing) {
    Life life;
    BOOST_TEST(life.publish(flowOf(1)) == 1);
    BOOST_TEST(life.publish(flowOf(1)) == 1);
    BOOST_TEST(life.workflows.history(1, "w", 0, 10)->size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_published_is_not_removed_and_a_removed_name_is_free) {
    Life life;
    life.publish(flowOf(1));
    BOOST_TEST(life.workflows.remove(1, "w", "ann").error().code == "workflow_published");

    BOOST_REQUIRE(life.workflows.unpublish(1, "w", "ann").ok());
    BOOST_REQUIRE(life.workflows.remove(1, "w", "ann").ok());

    BOOST_TEST(life.workflows.find(1, "w").error().code == "workflow_not_found");
    BOOST_TEST(life.workflows.list(1, "", 10).empty());
    BOOST_TEST(life.publish(flowOf(2)) == 1);
}

BOOST_AUTO_TEST_CASE(a_name_that_another_workflow_starts_by_is_not_changed) {
    Life life;
    life.publish(flowOf(1));
    BOOST_REQUIRE(life.workflows.saveDraft(1, "other", flowOf(1)).ok());

    BOOST_TEST(life.workflows.rename(1, "w", "other", "ann").error().code == "name_taken");
    BOOST_TEST(life.workflows.rename(1, "w", "a b", "ann").error().code == "bad_name");
    BOOST_REQUIRE(life.workflows.rename(1, "w", "answer", "ann").ok());
    BOOST_TEST(life.workflows.find(1, "answer")->published_version.value_or(0) == 1);
    BOOST_TEST((*life.workflows.current(life.workflows.find(1, "answer")->id))->name == "answer");
}

BOOST_AUTO_TEST_CASE(an_export_names_accounts_and_keeps_the_graphs_text) {
    Life life;
    const std::string text =
        R"({"viewport": {"zoom": 1.50},  "nodes": [{"id":"in","type":"trigger.webhook","data":{"account":["shop"]}},)"
        R"({"id":"m","type":"send_message","data":{"account":"wa","to":"{{ item.to }}","text":"x"}}], "edges": []})";
    BOOST_REQUIRE(life.workflows.saveDraft(1, "w", text).ok());

    const auto exported = life.workflows.exported(1, "w", "draft");

    BOOST_REQUIRE(exported.ok());
    BOOST_TEST(exported->find(text) != std::string::npos);
    BOOST_TEST(parseJson(*exported)->at("accounts") == Json({"shop", "wa"}));
    BOOST_TEST(life.workflows.exported(1, "w", "published").error().code == "version_not_found");
}

BOOST_AUTO_TEST_CASE(another_daemons_publishing_is_taken_from_the_log_before_the_next_event) {
    EngineFixture fixture;
    fixture.start();
    // The other daemon: a store object of its own on the same database, which this engine does not listen to.
    WorkflowStore other(fixture.db.store(), fixture.ids, fixture.clock, nullptr, {}, &fixture.log);
    BOOST_REQUIRE(other.saveDraft(1, "w", flowOf(1)).ok());
    BOOST_REQUIRE(other.publish(1, "w", "other").ok());
    fixture.webhook();
    fixture.until([&] { return fixture.engine->stats().runs_succeeded == 1; }, "the run of version 1");

    BOOST_REQUIRE(other.saveDraft(1, "w", flowOf(2)).ok());
    BOOST_REQUIRE(other.publish(1, "w", "other").ok());
    fixture.webhook();
    fixture.until([&] { return fixture.engine->stats().runs_succeeded == 2; }, "the run of version 2");
    BOOST_REQUIRE(other.unpublish(1, "w", "other").ok());
    const auto last = fixture.webhook();
    fixture.until([&] { return fixture.engine->stats().offset >= last; }, "the event without a run");

    const Json runs = listRuns(fixture.db.store(), 1, {});
    BOOST_REQUIRE(runs["items"].size() == 2U);
    BOOST_TEST(runs["items"][0]["version"] == 2);
    BOOST_TEST(runs["items"][1]["version"] == 1);
}

BOOST_AUTO_TEST_CASE(a_draft_is_run_as_it_is_now_and_its_run_stays_readable) {
    EngineFixture fixture;
    fixture.start();
    BOOST_REQUIRE(fixture.workflows.saveDraft(1, "w", flowOf(1)).ok());
    const auto start = [&](const std::string& version) {
        std::promise<Result<Id>> promise;
        ManualStart wish{1, "w", Json::object(), true, "", version};
        fixture.engine->startManual(wish, [&](Result<Id> id) { promise.set_value(std::move(id)); });
        return promise.get_future().get();
    };
    BOOST_TEST(start("published").error().code == "workflow_not_published");
    BOOST_TEST(start("7").error().code == "version_not_found");

    const auto first = start("draft");
    BOOST_REQUIRE(first.ok());
    fixture.until([&] { return fixture.engine->stats().runs_succeeded == 1; }, "the draft has run");
    BOOST_REQUIRE(fixture.workflows.saveDraft(1, "w", flowOf(2)).ok());
    BOOST_REQUIRE(start("draft").ok());
    fixture.until([&] { return fixture.engine->stats().runs_succeeded == 2; }, "the next draft has run");

    const Json run = showRun(fixture.db.store(), 1, *first).value();
    BOOST_TEST(run["is_draft"] == true);
    BOOST_TEST(run["version"].is_null());
    BOOST_TEST(run["result"]["v"] == 1);
    BOOST_TEST(fixture.workflows.versions(1, "w", 0, 10)->empty());
    BOOST_TEST(fixture.workflows.publish(1, "w", "ann")->version == 1);

    BOOST_REQUIRE(fixture.workflows.saveDraft(1, "w", "{\"nodes\":[]}").ok());
    BOOST_TEST(start("draft").error().code == "lint_failed");
}

BOOST_AUTO_TEST_CASE(a_path_that_another_workflow_has_refuses_publishing_and_names_it) {
    Life life;
    const auto publish = [&](const std::string& name, const std::string& trigger) {
        BOOST_REQUIRE(life.workflows.saveDraft(1, name, flowText("\"in\":" + trigger, "")).ok());
        auto published = life.workflows.publish(1, name, "ann");
        BOOST_REQUIRE(published.ok());
        return std::move(*published);
    };
    const std::string form = R"({"type":"trigger.form","path":"orders/7","fields":[{"name":"a"}]})";
    BOOST_REQUIRE(publish("first", R"({"type":"trigger.webhook","path":"orders/:id"})").is_published);
    BOOST_REQUIRE(publish("form", form).is_published);

    const auto same = publish("second", R"({"type":"trigger.webhook","path":"orders/:number"})");

    BOOST_TEST(!same.is_published);
    BOOST_REQUIRE(same.findings.size() == 1U);
    BOOST_TEST(same.findings[0].code == "path_taken");
    BOOST_TEST(same.findings[0].message.find("\"first\"") != std::string::npos);
    BOOST_TEST(dumpJson(toJson(*life.workflows.lint(1, "second"))).find("path_taken") != std::string::npos);
    BOOST_TEST(!publish("form2", form).is_published);
    BOOST_TEST(
        publish("second", R"({"type":"trigger.webhook","path":"orders/:id","method":"GET"})").is_published);
    BOOST_TEST(
        publish("first", R"({"type":"trigger.webhook","path":"orders/:id","dedup":{"body_hash":true}})")
            .is_published);
    BOOST_REQUIRE(life.workflows.unpublish(1, "first", "ann").ok());
    BOOST_TEST(publish("second", R"({"type":"trigger.webhook","path":"orders/:id"})").is_published);
}
