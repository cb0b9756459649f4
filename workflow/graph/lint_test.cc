#include "workflow/graph/lint.h"

#include <boost/test/unit_test.hpp>
#include <chrono>

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

class RefusingLua : public LuaRunner {
public:
    Result<ScriptResult> run(const ScriptCall&) override { return ScriptResult{"null", {}}; }
    Status check(std::string_view source) override {
        if (source.find("function run") != std::string_view::npos) return Done{};
        return Error{ErrorKind::Invalid, "line 1: run is missing", {}, "E_LUA_SYNTAX"};
    }
};

std::string graphOf(const std::string& nodes, const std::string& edges) {
    return R"({"nodes":[{"id":"t","type":"trigger.manual","data":{}},)" + nodes + R"(],"edges":[)" + edges +
           "]}";
}

const Finding* find(const std::vector<Finding>& findings, const std::string& code) {
    for (const auto& finding : findings) {
        if (finding.code == code) return &finding;
    }
    return nullptr;
}

std::vector<Finding> lintOf(const std::string& nodes, const std::string& edges) {
    RefusingLua lua;
    return lintText(graphOf(nodes, edges), {&lua, nullptr});
}

// The code of the first finding, or "ok".
struct Case {
    const char* what;
    const char* nodes;
    const char* edges;
    const char* code;
    const char* place;  // node or edge
};

const Case kCases[] = {
    {"a good graph", R"({"id":"s","type":"set","data":{"fields":{"a":"{{ item.x }}"}}})",
     R"({"id":"e","source":"t","target":"s"})", "ok", ""},
    {"two nodes of one id", R"({"id":"t","type":"set","data":{"fields":{}}})", "", "duplicate_node", "t"},
    {"an edge to nowhere", R"({"id":"s","type":"set","data":{"fields":{}}})",
     R"({"id":"e","source":"t","target":"x"})", "missing_endpoint", "e"},
    {"an edge from nowhere", R"({"id":"s","type":"set","data":{"fields":{}}})", R"({"id":"e","target":"s"})",
     "missing_endpoint", "e"},
    {"an unknown type", R"({"id":"s","type":"sett"})", R"({"id":"e","source":"t","target":"s"})",
     "unknown_type", "s"},
    {"an unknown handle",
     R"({"id":"i","type":"if","data":{"condition":"true"}},{"id":"s","type":"set","data":{"fields":{}}})",
     R"({"id":"e1","source":"t","target":"i"},{"id":"e2","source":"i","target":"s","sourceHandle":"yes"})",
     "unknown_handle", "e2"},
    {"a node that is not there",
     R"({"id":"s","type":"set","data":{"fields":{"a":"{{ nodes.gone.output }}"}}})",
     R"({"id":"e","source":"t","target":"s"})", "unknown_variable", "s"},
    {"a node that comes later",
     R"({"id":"s","type":"set","data":{"fields":{"a":"{{ nodes.u.output }}"}}},{"id":"u","type":"set","data":{"fields":{}}})",
     R"({"id":"e","source":"t","target":"s"},{"id":"f","source":"s","target":"u"})", "node_not_before", "s"},
    {"a wait that outlives the run", R"({"id":"w","type":"wait","data":{"seconds":86400}})",
     R"({"id":"e","source":"t","target":"w"})", "wait_beyond_deadline", "w"},
    {"a wait for a word", R"({"id":"w","type":"wait","data":{"seconds":"abc"}})",
     R"({"id":"e","source":"t","target":"w"})", "bad_expression", "w"},
    {"a wait until a word", R"({"id":"w","type":"wait","data":{"until":"tomorrow"}})",
     R"({"id":"e","source":"t","target":"w"})", "bad_expression", "w"},
    {"a wait until a day without a time", R"({"id":"w","type":"wait","data":{"until":"2026-11-26"}})",
     R"({"id":"e","source":"t","target":"w"})", "bad_expression", "w"},
    {"a wait until a time", R"({"id":"w","type":"wait","data":{"until":"2026-11-26T10:00:00Z"}})",
     R"({"id":"e","source":"t","target":"w"})", "ok", ""},
    {"a wait for an expression", R"({"id":"w","type":"wait","data":{"seconds":"{{ item.s }}"}})",
     R"({"id":"e","source":"t","target":"w"})", "ok", ""},
    {"waits that together outlive it",
     R"({"id":"v","type":"wait","data":{"seconds":50000}},{"id":"w","type":"wait","data":{"seconds":"50000"}})",
     R"({"id":"e","source":"t","target":"v"},{"id":"f","source":"v","target":"w"})", "wait_beyond_deadline",
     "w"},
    {"a join that waits for more than leads to it",
     R"({"id":"s","type":"set","data":{"fields":{},"join":{"n":2}}})",
     R"({"id":"e","source":"t","target":"s"})", "unfired_join", "s"},
    {"a join with an input that never comes",
     R"({"id":"lost","type":"set","data":{"fields":{}}},{"id":"s","type":"set","data":{"fields":{}}})",
     R"({"id":"e","source":"t","target":"s"},{"id":"f","source":"lost","target":"s"})", "unfired_join", "s"},
    {"a missing handle",
     R"({"id":"i","type":"if","data":{"condition":"true"}},{"id":"s","type":"set","data":{"fields":{}}})",
     R"({"id":"e1","source":"t","target":"i"},{"id":"e2","source":"i","target":"s"})", "missing_handle",
     "e2"},
    {"an edge into a trigger", R"({"id":"s","type":"set","data":{"fields":{}}})",
     R"({"id":"e1","source":"t","target":"s"},{"id":"e2","source":"s","target":"t"})", "edge_into_trigger",
     "e2"},
    {"a cycle",
     R"({"id":"a","type":"set","data":{"fields":{}}},{"id":"b","type":"set","data":{"fields":{}}})",
     R"({"id":"e1","source":"t","target":"a"},{"id":"e2","source":"a","target":"b"},{"id":"e3","source":"b","target":"a"})",
     "unbounded_loop", "a"},
    {"a cycle with a bound",
     R"({"id":"a","type":"set","data":{"fields":{},"max_iterations":5}},{"id":"i","type":"if","data":{"condition":"item.x"}})",
     R"({"id":"e1","source":"t","target":"a"},{"id":"e2","source":"a","target":"i"},{"id":"e3","source":"i","target":"a","sourceHandle":"false"})",
     "ok", ""},
    {"a cycle that is entered beside its bound",
     R"({"id":"a","type":"set","data":{"fields":{},"max_iterations":5}},{"id":"b","type":"set","data":{"fields":{}}})",
     R"({"id":"e1","source":"t","target":"a"},{"id":"e2","source":"a","target":"b"},{"id":"e3","source":"b","target":"a"},{"id":"e4","source":"t","target":"b"})",
     "cycle_entered_sideways", "b"},
    {"a good loop", R"({"id":"f","type":"for_each","data":{}},{"id":"s","type":"set","data":{"fields":{}}})",
     R"({"id":"e1","source":"t","target":"f"},{"id":"e2","source":"f","target":"s","sourceHandle":"each"},{"id":"e3","source":"s","target":"f"})",
     "ok", ""},
    {"a loop that repeats nothing", R"({"id":"f","type":"for_each","data":{}})",
     R"({"id":"e1","source":"t","target":"f"})", "empty_loop", "f"},
    {"a way into a loop past its head",
     R"({"id":"f","type":"for_each","data":{}},{"id":"s","type":"set","data":{"fields":{}}})",
     R"({"id":"e1","source":"t","target":"f"},{"id":"e2","source":"f","target":"s","sourceHandle":"each"},{"id":"e3","source":"t","target":"s"})",
     "loop_entered_sideways", "s"},
    {"a retry that cannot be", R"({"id":"s","type":"set","data":{"fields":{},"retry":{"attempts":0}}})",
     R"({"id":"e","source":"t","target":"s"})", "bad_param", "s"},
    {"an unreachable node", R"({"id":"s","type":"set","data":{"fields":{}}})", "", "unreachable_node", "s"},
    {"a missing parameter", R"({"id":"i","type":"if","data":{}})", R"({"id":"e","source":"t","target":"i"})",
     "bad_param", "i"},
    {"a parameter of the wrong type", R"({"id":"s","type":"set","data":{"fields":"x"}})",
     R"({"id":"e","source":"t","target":"s"})", "bad_param", "s"},
    {"a mistyped parameter", R"({"id":"s","type":"set","data":{"fields":{},"keeep":true}})",
     R"({"id":"e","source":"t","target":"s"})", "unknown_param", "s"},
    {"a bad condition", R"({"id":"i","type":"if","data":{"condition":"a =="}})",
     R"({"id":"e","source":"t","target":"i"})", "bad_expression", "i"},
    {"a bad template", R"({"id":"s","type":"set","data":{"fields":{"a":"{{ 1 + }}"}}})",
     R"({"id":"e","source":"t","target":"s"})", "bad_expression", "s"},
    {"a bad condition of an edge", R"({"id":"s","type":"set","data":{"fields":{}}})",
     R"({"id":"e","source":"t","target":"s","data":{"condition":"(("}})", "bad_expression", "e"},
    {"a bad script", R"({"id":"l","type":"lua","data":{"source":"oops"}})",
     R"({"id":"e","source":"t","target":"l"})", "lua_syntax", "l"},
    {"a script that is nowhere", R"({"id":"l","type":"lua","data":{}})",
     R"({"id":"e","source":"t","target":"l"})", "bad_expression", "l"},
    {"an unknown join", R"({"id":"s","type":"set","data":{"fields":{},"join":"most"}})",
     R"({"id":"e","source":"t","target":"s"})", "unknown_join", "s"},
    {"a secret in plain text", R"({"id":"s","type":"set","data":{"fields":{"api_key":"0123456789abcdef"}}})",
     R"({"id":"e","source":"t","target":"s"})", "secret_in_text", "s"},
    {"a parent that is not there", R"({"id":"s","type":"set","parentId":"gone","data":{"fields":{}}})",
     R"({"id":"e","source":"t","target":"s"})", "missing_parent", "s"},
    {"a group as parent",
     R"({"id":"g","type":"group"},{"id":"s","type":"set","parentId":"g","data":{"fields":{}}})",
     R"({"id":"e","source":"t","target":"s"})", "ok", ""},
    {"a parent cycle",
     R"({"id":"a","type":"set","parentId":"b","data":{"fields":{}}},{"id":"b","type":"set","parentId":"a","data":{"fields":{}}})",
     R"({"id":"e1","source":"t","target":"a"},{"id":"e2","source":"t","target":"b"})", "parent_cycle", "a"},
};

}  // namespace

BOOST_AUTO_TEST_CASE(each_fault_is_found_at_its_place_with_a_remedy) {
    for (const auto& one : kCases) {
        BOOST_TEST_CONTEXT(one.what) {
            const auto findings = lintOf(one.nodes, one.edges);
            if (std::string(one.code) == "ok") {
                BOOST_TEST(findings.empty(), dumpJson(toJson(findings)));
                continue;
            }
            const Finding* finding = find(findings, one.code);
            BOOST_REQUIRE_MESSAGE(finding != nullptr, dumpJson(toJson(findings)));
            BOOST_TEST((finding->node == one.place || finding->edge == one.place));
            BOOST_TEST(!finding->remedy.empty());
            BOOST_TEST(!finding->message.empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_graph_without_a_trigger_is_refused) {
    const auto findings =
        lintText(R"({"nodes":[{"id":"s","type":"set","data":{"fields":{}}}],"edges":[]})", {});

    BOOST_TEST((find(findings, "no_trigger") != nullptr));
    BOOST_TEST(hasErrors(findings));
}

BOOST_AUTO_TEST_CASE(what_is_no_graph_is_one_finding) {
    const auto findings = lintText("{]", {});

    BOOST_REQUIRE(findings.size() == 1U);
    BOOST_TEST(findings[0].code == "json_syntax");
}

BOOST_AUTO_TEST_CASE(a_secret_by_reference_is_no_finding) {
    const auto findings =
        lintOf(R"({"id":"s","type":"set","data":{"fields":{"token":"{{ trigger.token }}"}}})",
               R"({"id":"e","source":"t","target":"s"})");

    BOOST_TEST(findings.empty());
}

BOOST_AUTO_TEST_CASE(the_message_of_an_expression_gives_the_column) {
    const auto findings = lintOf(R"({"id":"i","type":"if","data":{"condition":"message.text contains"}})",
                                 R"({"id":"e","source":"t","target":"i"})");

    BOOST_REQUIRE((find(findings, "bad_expression") != nullptr));
    BOOST_TEST(find(findings, "bad_expression")->message.find("column") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(parents_are_followed_once_and_what_lies_in_a_cycle_is_told) {
    std::string nodes;
    for (int i = 0; i < 20'000; ++i)
        nodes += (i == 0 ? "" : ",") + std::string(R"({"id":"n)") + std::to_string(i) +
                 R"(","type":"set","parentId":"n)" + std::to_string(i == 0 ? 1 : i - 1) +
                 R"(","data":{"fields":{}}})";
    const auto begin = std::chrono::steady_clock::now();

    const auto findings = lintOf(nodes, R"({"id":"e","source":"t","target":"n0"})");

    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(8)));  // 20 s else
    const auto cycles = std::count_if(findings.begin(), findings.end(),
                                      [](const Finding& finding) { return finding.code == "parent_cycle"; });
    BOOST_TEST(cycles == 20'000);  // n0 and n1 are in each other, the rest in them
}

BOOST_AUTO_TEST_CASE(a_case_is_a_port_with_or_without_its_prefix) {
    const std::vector<Port> ports{{"vip", ""}, {"else", ""}, {"error", ""}};

    BOOST_TEST(findPort(ports, "vip")->id == "vip");
    BOOST_TEST(findPort(ports, "case:vip")->id == "vip");
    BOOST_TEST((findPort(ports, "") == nullptr));
    BOOST_TEST(findPort({{"out", ""}, {"error", ""}}, "source")->id == "out");
}

BOOST_AUTO_TEST_CASE(a_point_of_time_is_compared_with_now_when_that_is_known) {
    const auto at = [](const char* until) {
        const std::string wait =
            std::string(R"({"id":"w","type":"wait","data":{"until":")") + until + R"("}})";
        return lintText(graphOf(wait, R"({"id":"e","source":"t","target":"w"})"),
                        {nullptr, nullptr, {}, parseRfc3339("2026-11-26T10:00:00Z")});
    };

    const auto never = at("9999-12-31T23:59:59Z"), soon = at("2026-12-24T18:00:00Z"),
               past = at("2020-01-01T00:00:00Z");

    BOOST_REQUIRE(find(never, "wait_beyond_deadline") != nullptr);
    BOOST_TEST((find(never, "wait_beyond_deadline")->severity == Severity::Error));
    BOOST_TEST(find(never, "wait_beyond_deadline")->path == "nodes[1].data.until");
    BOOST_REQUIRE(find(soon, "wait_beyond_deadline") != nullptr);
    BOOST_TEST((find(soon, "wait_beyond_deadline")->severity == Severity::Warning));
    BOOST_TEST(past.empty());
}

BOOST_AUTO_TEST_CASE(a_graph_whose_triggers_are_all_disabled_is_told_so) {
    const auto one =
        lintText(R"({"nodes":[{"id":"t","type":"trigger.manual","data":{"disabled":true}}],"edges":[]})", {});
    const auto two = lintText(R"({"nodes":[{"id":"t","type":"trigger.manual","data":{"disabled":true}},
                                  {"id":"u","type":"trigger.manual","data":{}}],"edges":[]})",
                              {});

    BOOST_REQUIRE(find(one, "disabled_trigger") != nullptr);
    BOOST_TEST(find(one, "disabled_trigger")->node == "t");
    BOOST_TEST(find(two, "disabled_trigger") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_trigger_that_hears_what_its_own_nodes_cause_is_told_so) {
    const auto of = [](const std::string& trigger, const std::string& node) {
        return lintText(R"({"nodes":[{"id":"t",)" + trigger + R"(},{"id":"n",)" + node +
                            R"(}],"edges":[{"id":"e","source":"t","target":"n"}]})",
                        {});
    };
    const std::string change = R"("type":"change_item","data":{"id":"tkt_1","priority":"low"})";
    const std::string send =
        R"("type":"send_message","data":{"account":"a","to":"+14155550178","text":"hi"})";

    const auto status = of(R"("type":"trigger.status","data":{"state":"accepted"})", send);

    BOOST_REQUIRE(find(status, "starts_itself") != nullptr);
    BOOST_TEST(find(status, "starts_itself")->node == "t");
    BOOST_TEST(find(of(R"("type":"trigger.event","data":{"event":"ticket.*"})", change), "starts_itself") !=
               nullptr);
    BOOST_TEST(
        find(
            of(R"("type":"trigger.event","data":{"event":"ticket.updated","condition":"ticket.priority == 'high'"})",
               change),
            "starts_itself") == nullptr);
    BOOST_TEST(find(of(R"("type":"trigger.message","data":{})", send), "starts_itself") == nullptr);
}
