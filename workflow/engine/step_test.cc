// The rules of a walk, as tables: graph and input → who ran in which order, and what came of it.
#include "workflow/engine/step.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/fake_lua.h"
#include "tests/support/flow.h"
#include "workflow/engine/journal.h"

using namespace signalbox;
using namespace signalbox::workflow;
using namespace std::chrono_literals;

namespace {

const TimePoint kNow = *parseRfc3339("2026-01-05T09:00:00Z");
const Redactor kRedactor;

struct Bench {
    explicit Bench(const std::string& text) {
        auto graph = parseGraph(text);
        BOOST_REQUIRE(graph.ok());
        auto made = compile(*graph, Json::object(), {1, 2, 3, "flow"});
        BOOST_REQUIRE_MESSAGE(made.ok(), (made ? "" : made.error().message));
        workflow = *made;
        lua.add("double", [](const Json& item) -> Result<Json> {
            return Json{{"n", item["n"].get<int>() * 2}};
        });
        lua.add("crash", [](const Json&) -> Result<Json> {
            return Error{ErrorKind::Invalid, "line 3: boom", {}, "E_LUA_RUNTIME"};
        });
        context.run = 77;
        context.now = kNow;
        context.lua = &lua;
        context.redactor = &kRedactor;
    }

    Walk begin(const std::string& input = "{}") {
        state = freshState(*workflow, Json::parse(input));
        return keep(workflow::begin(*workflow, state, workflow->triggers, context));
    }
    // Through the text form, as after a restart.
    void reload(const std::string& input = "{}") {
        auto loaded = loadState(*workflow, saveState(state), Json::parse(input));
        BOOST_REQUIRE_MESSAGE(loaded.ok(), (loaded ? "" : loaded.error().message));
        state = std::move(*loaded);
    }
    Walk keep(Walk walk) {
        walks.push_back(walk.journal);
        return walk;
    }
    // "t a b!": the nodes that ran, in order; ! marks an error.
    std::string ran() const {
        std::string out;
        for (const auto& entry : readableJournal(walks, Json::object())) {
            out += (out.empty() ? "" : " ") + textAt(entry, "node") + (entry.contains("error") ? "!" : "");
        }
        return out;
    }

    WorkflowRef workflow;
    FakeLua lua;
    WalkContext context;
    RunState state;
    std::vector<std::string> walks;
};

constexpr const char* kSet = R"({"type":"set","keep":false,"fields":{)";

std::string set(const std::string& id, const std::string& fields) {
    return ",\"" + id + "\":" + kSet + fields + "}}";
}

const std::string kTrigger = R"("t":{"type":"trigger.manual"})";
const std::string kIf = R"(,"i":{"type":"if","condition":"item.yes"})";

struct Row {
    const char* what;
    std::string nodes, edges, input;
    const char* ran;
    const char* status;
    const char* result;
};

const std::vector<Row> kRows = {
    {"a trigger alone", kTrigger, "", R"({"a":1})", "t", "succeeded", R"({"a":1})"},
    {"a chain", kTrigger + set("a", R"("x":1)") + set("b", R"("y":"{{ item.x }}")"), "t>a a>b", "{}", "t a b",
     "succeeded", R"({"y":1})"},
    {"the branch that holds", kTrigger + kIf + set("a", R"("at":"a")") + set("b", R"("at":"b")"),
     "t>i i:true>a i:false>b", R"({"yes":true})", "t i a", "succeeded", R"({"at":"a"})"},
    {"the other branch", kTrigger + kIf + set("a", R"("at":"a")") + set("b", R"("at":"b")"),
     "t>i i:true>a i:false>b", R"({"yes":false})", "t i b", "succeeded", R"({"at":"b"})"},
    {"both ports of a branch into one node", kTrigger + kIf + set("a", R"("at":"a")"),
     "t>i i:true>a i:false>a", R"({"yes":false})", "t i a", "succeeded", R"({"at":"a"})"},
    {"a join behind a branch does not wait for the dead path",
     kTrigger + kIf + set("a", R"("at":"a")") + set("b", R"("at":"b")") +
         set("j", R"("from":"{{ item.at }}")"),
     "t>i i:true>a i:false>b a>j b>j", R"({"yes":true})", "t i a j", "succeeded", R"({"from":"a"})"},
    {"a join waits for all live paths and keeps their inputs apart",
     kTrigger + set("a", R"("v":1)") + set("b", R"("v":2)") + set("c", R"("w":"{{ item.v }}")") +
         set("j", R"("sum":"{{ inputs.a.v + inputs.c.w }}")"),
     "t>a t>b b>c a>j c>j", "{}", "t a b c j", "succeeded", R"({"sum":3})"},
    {"dead paths go on through several nodes",
     kTrigger + kIf + set("a", "") + set("b", "") + set("c", "") + set("d", R"("at":"d")") +
         set("j", R"("got":"{{ item.at }}")"),
     "t>i i:true>a a>b b>c c>j i:false>d d>j", R"({"yes":false})", "t i d j", "succeeded", R"({"got":"d"})"},
    {"an error goes through its port",
     kTrigger + R"(,"l":{"type":"lua","source":"crash"})" + set("e", R"("why":"{{ item.error.code }}")") +
         set("o", ""),
     "t>l l:out>o l:error>e", "{}", "t l! e", "succeeded", R"({"why":"E_LUA_RUNTIME"})"},
    {"an error that nobody takes ends the run",
     kTrigger + R"(,"l":{"type":"lua","source":"crash"})" + set("o", ""), "t>l l>o", "{}", "t l!", "failed",
     ""},
    {"a script gives the data that go on", kTrigger + R"(,"l":{"type":"lua","source":"double"})", "t>l",
     R"({"n":4})", "t l", "succeeded", R"({"n":8})"},
    {"a disabled node passes its data on",
     kTrigger + R"(,"l":{"type":"lua","source":"crash","disabled":true})" + set("b", R"("n":"{{ item.n }}")"),
     "t>l l>b", R"({"n":4})", "t l b", "succeeded", R"({"n":4})"},
    {"an earlier node's output is read by name",
     kTrigger + set("a", R"("x":1)") + set("b", "") + set("c", R"("x":"{{ nodes.a.output.x }}")"),
     "t>a a>b b>c", "{}", "t a b c", "succeeded", R"({"x":1})"},
    {"what a branch passed on is read by its name",
     kTrigger + kIf + set("c", R"("y":"{{ nodes.i.output.yes }}")"), "t>i i:true>c", R"({"yes":5})", "t i c",
     "succeeded", R"({"y":5})"},
    {"the trigger's data are read by bare name",
     kTrigger + set("a", "") + set("b", R"("t":"{{ message.text }}/{{ trigger.message.text }}")"), "t>a a>b",
     R"({"message":{"text":"hi"}})", "t a b", "succeeded", R"({"t":"hi/hi"})"},
    {"the run is read", kTrigger + set("a", R"("v":"{{ run.version }}","dry":"{{ run.is_dry }}")"), "t>a",
     "{}", "t a", "succeeded", R"({"dry":false,"v":3})"},
    {"a second trigger is a dead end",
     kTrigger + R"(,"t2":{"type":"trigger.manual","disabled":true})" + set("a", R"("at":1)"), "t>a t2>a",
     "{}", "t a", "succeeded", R"({"at":1})"},
    {"a switch takes one case",
     kTrigger +
         R"(,"s":{"type":"switch","value":"item.k","cases":[{"id":"x","equals":"x"},{"id":"y","equals":"y"}]})" +
         set("a", R"("at":"a")") + set("b", R"("at":"b")") + set("c", R"("at":"c")"),
     "t>s s:x>a s:case:y>b s:else>c", R"({"k":"z"})", "t s c", "succeeded", R"({"at":"c"})"},
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_walk_follows_the_taken_edges) {
    for (const auto& row : kRows) {
        BOOST_TEST_CONTEXT(row.what) {
            Bench bench(flowText(row.nodes, row.edges));

            const Walk walk = bench.begin(row.input);

            BOOST_TEST(bench.ran() == row.ran);
            BOOST_TEST(std::string(toString(walk.status)) == row.status);
            BOOST_TEST(walk.result == row.result);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_condition_of_an_edge_decides_for_this_edge_alone) {
    Json flow =
        Json::parse(flowText(kTrigger + set("a", R"("at":"a")") + set("b", R"("at":"b")"), "t>a t>b"));
    flow["edges"][0]["data"]["condition"] = "item.n > 5";
    Bench bench(dumpJson(flow));

    bench.begin(R"({"n":3})");

    BOOST_TEST(bench.ran() == "t b");
}

BOOST_AUTO_TEST_CASE(a_wait_ends_the_walk_and_goes_on_when_it_is_due) {
    Bench bench(flowText(
        kTrigger + R"(,"w":{"type":"wait","seconds":10})" + set("a", R"("n":"{{ item.n }}")"), "t>w w>a"));

    const Walk first = bench.begin(R"({"n":1})");
    bench.reload(R"({"n":1})");
    bench.context.now = kNow + 9s;
    const auto early = wake(*bench.workflow, bench.state, bench.context);
    bench.context.now = kNow + 10s;
    const auto due = wake(*bench.workflow, bench.state, bench.context);

    BOOST_TEST((first.status == RunStatus::Waiting));
    BOOST_TEST(!early.has_value());
    BOOST_REQUIRE(due.has_value());
    BOOST_TEST((due->status == RunStatus::Succeeded));
    BOOST_TEST(due->result == R"({"n":1})");
    BOOST_TEST((nextWake(bench.state) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(waits_of_parallel_branches_overlap_and_the_join_comes_after_the_longest) {
    Bench bench(flowText(kTrigger +
                             R"(,"w1":{"type":"wait","seconds":10},"w2":{"type":"wait","seconds":20})" +
                             set("j", R"("done":1)"),
                         "t>w1 t>w2 w1>j w2>j"));

    bench.begin();
    bench.context.now = kNow + 10s;
    const Walk second = bench.keep(*wake(*bench.workflow, bench.state, bench.context));
    bench.reload();
    bench.context.now = kNow + 20s;
    const Walk third = bench.keep(*wake(*bench.workflow, bench.state, bench.context));

    BOOST_TEST((second.status == RunStatus::Waiting));
    BOOST_TEST((third.status == RunStatus::Succeeded));
    BOOST_TEST(bench.ran() == "t w1 w2 j");
}

BOOST_AUTO_TEST_CASE(a_send_leaves_one_effect_and_waits_for_its_receipt) {
    Bench bench(flowText(kTrigger + R"(,"s":{"type":"send_message","account":"a","to":"+1","text":"hi"})" +
                             set("a", R"("id":"{{ item.external_id }}")"),
                         "t>s s>a"));

    const Walk first = bench.begin();
    bench.reload();
    BOOST_REQUIRE(first.effects.size() == 1U);
    const auto key = parseRunKey(first.effects[0].run_key);
    const auto other = answer(*bench.workflow, bench.state, key->seq + 1, Json::object(), bench.context);
    const auto receipt = answer(*bench.workflow, bench.state, key->seq,
                                {{"state", "sent"}, {"external_id", "x1"}}, bench.context);
    const auto twice = answer(*bench.workflow, bench.state, key->seq, {{"state", "sent"}}, bench.context);

    BOOST_TEST((first.status == RunStatus::Waiting));
    BOOST_TEST(key->run == 77);
    BOOST_TEST(key->node == "s");
    BOOST_TEST(first.effects[0].idempotency_key.size() == 26U);
    BOOST_TEST(!other.has_value());
    BOOST_REQUIRE(receipt.has_value());
    BOOST_TEST(receipt->result == R"({"id":"x1"})");
    BOOST_TEST(!twice.has_value());
}

BOOST_AUTO_TEST_CASE(the_same_walk_again_gives_the_same_keys) {
    const std::string flow = flowText(
        kTrigger +
            R"(,"s":{"type":"send_message","account":"a","to":"+1","text":"hi"},"r":{"type":"send_message","account":"a","to":"+1","text":"hi"})",
        "t>s t>r");
    Bench one(flow), two(flow);

    const Walk first = one.begin();
    const Walk again = two.begin();

    BOOST_REQUIRE(first.effects.size() == 2U);
    BOOST_TEST(first.effects[0].idempotency_key == again.effects[0].idempotency_key);
    BOOST_TEST(first.effects[0].idempotency_key != first.effects[1].idempotency_key);
}

BOOST_AUTO_TEST_CASE(a_dry_run_records_what_it_would_send_and_sends_nothing) {
    Bench bench(
        flowText(kTrigger + R"(,"s":{"type":"send_message","account":"a","to":"+1","text":"hi"})", "t>s"));
    bench.context.is_dry = true;

    const Walk walk = bench.begin();

    BOOST_TEST((walk.status == RunStatus::Succeeded));
    BOOST_TEST(walk.effects.empty());
    BOOST_TEST(readableJournal(bench.walks, {})[1]["request"]["text"] == "hi");
}

BOOST_AUTO_TEST_CASE(a_dry_run_skips_its_waits_and_says_how_long_they_would_have_been) {
    Bench bench(flowText(kTrigger +
                             R"(,"w":{"type":"wait","seconds":3600},)"
                             R"("r":{"type":"wait_reply","conversation":"cnv_0000000000007","timeout_s":60},)"
                             R"("u":{"type":"wait_event","event":"custom.paid"})",
                         "t>w w>r r:reply>u"));
    bench.context.is_dry = true;

    const Walk walk = bench.begin();

    BOOST_TEST((walk.status == RunStatus::Succeeded));
    const Json history = readableJournal(bench.walks, {});
    BOOST_REQUIRE(history.size() == 4U);
    BOOST_TEST(history[1]["skipped"]["kind"] == "sleep");
    BOOST_TEST(history[1]["skipped"]["seconds"] == 3600);
    BOOST_TEST(history[2]["skipped"]["event"] == "event:message.received:conversation=cnv_0000000000007");
    BOOST_TEST(history[2]["skipped"]["seconds"] == 60);
    BOOST_TEST(history[2]["port"] == "reply");
    BOOST_TEST(history[3]["skipped"]["until"].is_null());
}

BOOST_AUTO_TEST_CASE(a_dry_run_tries_again_without_the_waits_in_between) {
    Bench bench(flowText(
        kTrigger + R"(,"s":{"type":"wait","seconds":"{{ \"x\" }}",)"
                   R"("retry":{"attempts":3,"first_wait_s":100,"factor":2,"jitter":0,"on":["any"]}})",
        "t>s"));
    bench.context.is_dry = true;

    const Walk walk = bench.begin();

    BOOST_TEST((walk.status == RunStatus::Failed));
    const Json history = readableJournal(bench.walks, {});
    BOOST_REQUIRE(history.size() == 4U);
    BOOST_TEST(history[1]["skipped"]["seconds"] == 100);
    BOOST_TEST(history[2]["skipped"]["seconds"] == 200);
    BOOST_TEST(!history[3].contains("skipped"));
}

BOOST_AUTO_TEST_CASE(a_refused_effect_is_the_nodes_error) {
    Bench bench(flowText(kTrigger + R"(,"s":{"type":"send_message","account":"gone","to":"+1","text":"hi"})" +
                             set("e", R"("m":"{{ item.error.message }}")"),
                         "t>s s:error>e"));
    bench.context.prepare_effect = [](Effect&) -> Status {
        return Error{ErrorKind::NotFound, "no account gone"};
    };

    const Walk walk = bench.begin();

    BOOST_TEST((walk.status == RunStatus::Succeeded));
    BOOST_TEST(walk.effects.empty());
    BOOST_TEST(walk.result == R"({"m":"no account gone"})");
}

BOOST_AUTO_TEST_CASE(a_failed_send_without_error_port_fails_the_run_and_other_waits_end) {
    Bench bench(flowText(
        kTrigger +
            R"(,"s":{"type":"send_message","account":"a","to":"+1","text":"hi"},"w":{"type":"wait","seconds":60})",
        "t>s t>w"));

    const Walk first = bench.begin();
    const auto key = parseRunKey(first.effects[0].run_key);
    const auto failed = answer(*bench.workflow, bench.state, key->seq,
                               {{"state", "failed"}, {"error", "blocked"}}, bench.context);

    BOOST_REQUIRE(failed.has_value());
    BOOST_TEST((failed->status == RunStatus::Failed));
    BOOST_TEST(failed->failed_node == "s");
    BOOST_TEST(bench.state.waits.empty());
}

BOOST_AUTO_TEST_CASE(going_on_from_a_failure_runs_only_what_was_not_done) {
    Bench bench(flowText(kTrigger + set("a", R"("n":2)") + R"(,"l":{"type":"lua","source":"late"})" +
                             set("b", R"("n":"{{ item.n }}")"),
                         "t>a a>l l>b"));

    const Walk first = bench.begin();
    bench.reload();
    bench.lua.add("late", [](const Json& item) -> Result<Json> { return item; });
    const Walk second = bench.keep(again(*bench.workflow, bench.state, bench.context));

    BOOST_TEST((first.status == RunStatus::Failed));
    BOOST_TEST((second.status == RunStatus::Succeeded));
    BOOST_TEST(second.result == R"({"n":2})");
    BOOST_TEST(bench.ran() == "t a l! l b");
}

BOOST_AUTO_TEST_CASE(the_first_answer_to_the_request_counts) {
    Bench bench(flowText(
        kTrigger + R"(,"r":{"type":"respond","status":201,"body":"one"},"q":{"type":"respond","body":"two"})",
        "t>r r>q"));

    const Walk walk = bench.begin();

    BOOST_REQUIRE(walk.response.has_value());
    BOOST_TEST(walk.response->status == 201);
    BOOST_TEST(walk.response->body == "one");
    BOOST_TEST(bench.ran() == "t r q");
}

BOOST_AUTO_TEST_CASE(the_history_has_input_output_port_and_logs_of_every_node) {
    Bench bench(flowText(kTrigger + kIf + R"(,"l":{"type":"lua","source":"double"})", "t>i i:true>l"));

    bench.begin(R"({"yes":1,"n":3})");
    const Json nodes = readableJournal(bench.walks, Json::parse(R"({"yes":1,"n":3})"));

    BOOST_REQUIRE(nodes.size() == 3U);
    BOOST_TEST(nodes[1]["input"] == nodes[1]["output"]);
    BOOST_TEST(nodes[1]["input"]["n"] == 3);
    BOOST_TEST(nodes[1]["port"] == "true");
    BOOST_TEST(nodes[2]["input"]["n"] == 3);
    BOOST_TEST(nodes[2]["output"]["n"] == 6);
    BOOST_TEST(nodes[2]["logs"][0] == "ran double");
    BOOST_TEST(nodes[2]["started_at"] == "2026-01-05T09:00:00.000Z");
    BOOST_TEST(nodes[2]["attempt"] == 1);
}

BOOST_AUTO_TEST_CASE(secrets_and_long_values_do_not_reach_the_history) {
    const Redactor redactor({Secret("s3cr3t-value")});

    BOOST_TEST(redactor.toText(Json::parse(
                   R"({"Authorization":"Bearer x","a":[{"token":"t"}],"text":"my s3cr3t-value"})")) ==
               R"({"Authorization":"***","a":[{"token":"***"}],"text":"my ***"})");
    const Json cut = Json::parse(redactor.toText(Json(std::string(100'000, 'x'))));
    BOOST_TEST(cut["truncated"] == true);
    BOOST_TEST(cut["bytes"] == 100'002);
}

BOOST_AUTO_TEST_CASE(a_state_of_another_version_or_nonsense_is_refused) {
    Bench small(flowText(kTrigger, "")), large(flowText(kTrigger + set("a", ""), "t>a"));
    small.begin();

    BOOST_TEST(!loadState(*large.workflow, saveState(small.state), {}).ok());
    for (const char* text :
         {"", "{}", "[]", R"({"passes":[{"nodes":"i","edges":"","outputs":[99]}],"waits":[{"node":9}]})"}) {
        BOOST_TEST(!loadState(*small.workflow, text, {}).ok(), text);
    }
}

BOOST_AUTO_TEST_CASE(a_run_key_survives_any_node_id) {
    for (const char* node : {"s", "a/b#7", "", "ü"}) {
        const auto key = parseRunKey(runKey(5, node, 12));

        BOOST_REQUIRE(key.has_value());
        BOOST_TEST(key->node == node);
        BOOST_TEST(key->run == 5);
        BOOST_TEST(key->seq == 12);
    }
    BOOST_TEST(!parseRunKey("").has_value());
    BOOST_TEST(!parseRunKey("run_x/#").has_value());
}

BOOST_AUTO_TEST_CASE(a_chain_of_thousands_of_nodes_neither_overflows_nor_exceeds_the_limit_unseen) {
    std::string nodes = kTrigger, edges = "t>n0";
    constexpr int kNodes = 10'050;
    for (int i = 0; i < kNodes; ++i) {
        nodes += set("n" + std::to_string(i), "");
        if (i > 0) edges += " n" + std::to_string(i - 1) + ">n" + std::to_string(i);
    }
    Bench bench(flowText(nodes, edges));

    const Walk walk = bench.begin();

    BOOST_TEST((walk.status == RunStatus::Failed));
    BOOST_TEST(walk.error->code == "too_many_executions");
}

namespace {

// A trigger that changes something in the hub and gives what the change gave.
class Noting : public NodeType {
public:
    std::string name() const override { return "noting"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = "{}";
        return schema;
    }
    bool isTrigger() const override { return true; }
    Result<Outcome> enter(const NodeInput&) const override { return Outcome(Act{{{"kind", "note"}}}); }
    Result<Outcome> resume(const NodeInput&, const Json& answer) const override {
        return Outcome(Next{"out", answer});
    }
};

struct NotingBench {
    explicit NotingBench(bool is_dry) {
        CompiledNode node;
        node.id = "n";
        node.type = &type;
        node.prepared = std::make_unique<Prepared>();
        node.ports = {"out", "error"};
        workflow.nodes.push_back(std::move(node));
        workflow.triggers = {0};
        context.now = kNow;
        context.redactor = &kRedactor;
        context.is_dry = is_dry;
        context.prepare_action = [](Action& action) -> Status {
            action.output = {{"id", 5}};
            action.apply = [](Tx&) {};
            return Done{};
        };
    }
    Walk begin() {
        RunState state = freshState(workflow, Json::object());
        return workflow::begin(workflow, state, workflow.triggers, context);
    }

    Noting type;
    CompiledWorkflow workflow;
    WalkContext context;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_change_of_the_hub_gives_its_output_at_once_and_is_left_for_the_commit) {
    NotingBench bench(false);

    const Walk walk = bench.begin();

    BOOST_TEST(walk.result == R"({"output":{"id":5}})");
    BOOST_TEST(walk.changes.size() == 1U);
    BOOST_TEST(readableJournal({walk.journal}, {})[0]["request"]["kind"] == "note");
}

BOOST_AUTO_TEST_CASE(a_dry_run_changes_nothing_in_the_hub) {
    NotingBench bench(true);

    const Walk walk = bench.begin();

    BOOST_TEST(walk.changes.empty());
    BOOST_TEST(Json::parse(walk.result)["state"] == "dry_run");
}

BOOST_AUTO_TEST_CASE(a_change_that_nobody_can_make_fails_the_node) {
    NotingBench bench(false);
    bench.context.prepare_action = {};

    const Walk walk = bench.begin();

    BOOST_TEST((walk.status == RunStatus::Failed));
    BOOST_TEST(walk.error->code == "unknown_action");
}
