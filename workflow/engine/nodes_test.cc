// Two engines on one PostgreSQL. One dies: what it had begun or was to wake goes on at the other one.
#include <future>

#include "tests/support/engine_fixture.h"

using namespace signalbox;
using namespace signalbox::workflow;
using namespace std::chrono_literals;

namespace {

// Nothing reaches the database any more once it is dead.
class MortalStore : public Store {
public:
    explicit MortalStore(Store& store) : store_(store) {}
    void write(Writes writes, Written done) override {
        if (!is_dead) return store_.write(std::move(writes), std::move(done));
        done(Error{ErrorKind::Unavailable, "the power failed"});
    }
    void read(const std::function<void(Reader&)>& reads) override { store_.read(reads); }
    void onCommitted(std::function<void()> listener) override { store_.onCommitted(std::move(listener)); }
    void onRollback(std::function<void()> listener) override { store_.onRollback(std::move(listener)); }
    bool isExclusive() const override { return store_.isExclusive(); }
    Status health() const override { return store_.health(); }
    std::size_t queued() const override { return store_.queued(); }
    void close() override {}

    std::atomic<bool> is_dead{false};

private:
    Store& store_;
};

// `steady` is the fixture's engine, `mortal` the other one. The script "work" runs `in_mortal` there and does
// nothing here.
struct Nodes : EngineFixture {
    Nodes() : EngineFixture(DatabaseKind::Postgres), other(db.open()), store(*other) {
        lua.add("work", [](const Json& item) -> Result<Json> { return item; });
        other_lua.add("work", [this](const Json& item) -> Result<Json> {
            in_mortal(item);
            return item;
        });
    }
    ~Nodes() {
        mortal.reset();
        engine.reset();
        other->close();
    }
    void startBoth() {
        start();
        mortal =
            std::make_unique<Engine>(EngineParts{store, clock, other_ids, other_log, other_workflows, effects,
                                                 &other_lua, &other_responses, &actions, nullptr},
                                     EngineOptions{});
        mortal->start();
        until([&] { return mortal->isReady(); }, "the second engine is ready");
    }
    void startOnMortal(const Json& input = Json::object()) {
        std::promise<Result<Id>> started;
        mortal->startManual({1, "main", input}, [&](Result<Id> run) { started.set_value(std::move(run)); });
        BOOST_REQUIRE(started.get_future().get().ok());
    }
    void kill() {
        store.is_dead = true;
        mortal.reset();
    }
    void publishMain(const std::string& nodes, const std::string& edges, const Json& settings) {
        Json graph = Json::parse(flowText(nodes, edges));
        graph["settings"] = settings;
        BOOST_REQUIRE(workflows.saveDraft(1, "main", dumpJson(graph)).ok());
        BOOST_REQUIRE(workflows.publish(1, "main", "test").ok());
    }
    void pass(std::chrono::seconds time) {
        for (; time > 0s; time -= 1s) {
            clock.advance(1s);
            std::this_thread::sleep_for(5ms);
        }
    }

    std::unique_ptr<Store> other;
    MortalStore store;
    FakeLua other_lua;
    std::function<void(const Json&)> in_mortal = [this](const Json&) { store.is_dead = true; };
    Ids other_ids{clock, 2};
    EventLog other_log{*other, clock};
    WorkflowStore other_workflows{*other, other_ids, clock, &other_lua};
    NotedResponses other_responses;
    std::unique_ptr<Engine> mortal;
};

const std::string kManual = R"("t":{"type":"trigger.manual"})";
const std::string kWorks = kManual + R"(,"l":{"type":"lua","source":"work"})";

}  // namespace

BOOST_AUTO_TEST_CASE(a_wait_that_was_in_a_dead_daemons_memory_only_ends_at_another) {
    if (!PostgresServer::isInstalled()) return;
    Nodes nodes;
    nodes.publish("main", kManual + R"(,"w":{"type":"wait","seconds":15})", "t>w");
    nodes.startBoth();
    nodes.startOnMortal();
    nodes.until([&] { return nodes.runsThatAre("waiting") == 1; }, "the run waits");
    nodes.kill();

    nodes.pass(14s);
    BOOST_TEST(nodes.runsThatAre("waiting") == 1U);
    nodes.pass(5s);
    nodes.until([&] { return nodes.runsThatAre("succeeded") == 1; }, "the run ends");
}

BOOST_AUTO_TEST_CASE(runs_that_a_dead_daemon_wrote_down_and_did_not_walk_are_walked_by_another) {
    if (!PostgresServer::isInstalled()) return;
    Nodes nodes;
    nodes.publish("main", kWorks, "t>l");
    nodes.startBoth();

    nodes.startOnMortal();
    nodes.until([&] { return nodes.store.is_dead.load(); }, "the daemon dies in the walk");
    nodes.kill();
    BOOST_TEST(nodes.runsThatAre("running") == 1U);
    nodes.pass(15s);

    nodes.until([&] { return nodes.runsThatAre("succeeded") == 1; }, "the run ends");
    BOOST_TEST(nodes.lua.calls == 1);
}

BOOST_AUTO_TEST_CASE(a_child_run_that_a_dead_daemon_did_not_walk_answers_its_parent) {
    if (!PostgresServer::isInstalled()) return;
    Nodes nodes;
    nodes.publish("child", R"("t":{"type":"trigger.sub_workflow"},"l":{"type":"lua","source":"work"})",
                  "t>l");
    nodes.publish("main", kManual + R"(,"c":{"type":"sub_workflow","workflow":"child"})", "t>c");
    nodes.startBoth();

    nodes.startOnMortal();
    nodes.until([&] { return nodes.store.is_dead.load(); }, "the daemon dies in the child's walk");
    nodes.kill();
    nodes.pass(15s);

    nodes.until([&] { return nodes.runsThatAre("succeeded") == 2; }, "both runs end");
}

BOOST_AUTO_TEST_CASE(a_run_whose_turn_came_at_a_dead_daemon_does_not_block_its_lane) {
    if (!PostgresServer::isInstalled()) return;
    Nodes nodes;
    nodes.publishMain(kWorks + R"(,"w":{"type":"wait","seconds":1})", "t>l l>w",
                      {{"concurrency", {{"limit", 1}}}});
    nodes.in_mortal = [&](const Json& item) { nodes.store.is_dead = item["n"] == 2; };
    nodes.startBoth();
    for (int n = 1; n <= 3; ++n) nodes.startOnMortal({{"n", n}});

    nodes.until(
        [&] {
            nodes.pass(1s);
            return nodes.store.is_dead.load();
        },
        "the daemon dies in the walk of the second run");
    nodes.kill();
    nodes.until(
        [&] {
            nodes.pass(1s);
            return nodes.runsThatAre("succeeded") == 3;
        },
        "all runs end");
}

BOOST_AUTO_TEST_CASE(a_long_walk_is_not_walked_by_another_daemon_as_long_as_its_own_lives) {
    if (!PostgresServer::isInstalled()) return;
    Nodes nodes;
    std::promise<void> end_of_work;
    nodes.in_mortal = [ended = end_of_work.get_future().share()](const Json&) { ended.wait(); };
    nodes.publish("main", kWorks, "t>l");
    nodes.startBoth();
    nodes.startOnMortal();
    nodes.until([&] { return nodes.other_lua.calls == 1; }, "the walk begins");

    for (int round = 0; round < 10; ++round) {
        nodes.pass(3s);
        const std::string fresh = std::to_string(toMicros(nodes.clock.now() + kRunLease - kRenewLeases));
        nodes.until([&] { return nodes.count("SELECT COUNT(*) FROM runs WHERE wake_at >= " + fresh) == 1; },
                    "the lease is renewed");
    }
    end_of_work.set_value();
    nodes.until([&] { return nodes.runsThatAre("succeeded") == 1; }, "the run ends");

    BOOST_TEST(nodes.lua.calls == 0);
    BOOST_TEST(nodes.other_lua.calls == 1);
}

BOOST_AUTO_TEST_CASE(a_run_in_which_daemon_after_daemon_dies_is_quarantined_by_the_next) {
    if (!PostgresServer::isInstalled()) return;
    Nodes nodes;
    nodes.publish("main", kWorks, "t>l");
    nodes.startBoth();
    nodes.startOnMortal();
    nodes.until([&] { return nodes.store.is_dead.load(); }, "the daemon dies in the walk");
    nodes.kill();
    BOOST_REQUIRE(
        nodes.db.store().writeAndWait([](Tx& tx) { tx.exec("UPDATE runs SET recoveries = 3", {}); }).ok());

    nodes.pass(15s);

    nodes.until([&] { return nodes.runsThatAre("quarantined") == 1; }, "the quarantine");
    BOOST_TEST(nodes.lua.calls == 0);
}
