// Graphs of other products: what of them runs here gives what it gives there.
#include "workflow/graph/foreign.h"

#include <boost/test/unit_test.hpp>
#include <random>

#include "workflow/engine/step.h"
#include "workflow/graph/document.h"
#include "workflow/graph/lint.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

const std::string kDify = R"j({"kind":"app","version":"0.3.0","workflow":{"graph":{"nodes":[
 {"id":"1","type":"custom","position":{"x":0,"y":0},"data":{"type":"start","title":"Start","variables":[{"variable":"age"}]}},
 {"id":"2","type":"custom","data":{"type":"if-else","cases":[
   {"case_id":"true","logical_operator":"and","conditions":[
     {"variable_selector":["1","age"],"comparison_operator":"≥","value":"18","varType":"number"},
     {"variable_selector":["1","name"],"comparison_operator":"not empty","value":""}]},
   {"case_id":"3f6c","logical_operator":"or","conditions":[
     {"variable_selector":["1","name"],"comparison_operator":"contains","value":"kid {{#1.nick#}}"}]}]}},
 {"id":"3","type":"custom","data":{"type":"template-transform","template":"Dear {{ who }}","variables":[{"variable":"who","value_selector":["1","name"]}]}},
 {"id":"4","type":"custom","data":{"type":"template-transform","template":"Hi","variables":[]}},
 {"id":"5","type":"custom","data":{"type":"variable-aggregator","variables":[["3","output"],["4","output"]]}},
 {"id":"6","type":"custom","data":{"type":"end","outputs":[{"variable":"greeting","value_selector":["5","output"]}]}},
 {"id":"7","type":"custom","data":{"type":"answer","answer":"No {{ entry }} for {{#1.name#}}"}},
 {"id":"n","type":"custom-note","data":{"type":"","text":"for people"}}],
"edges":[{"id":"a","type":"custom","source":"1","sourceHandle":"source","target":"2","targetHandle":"target"},
 {"id":"b","source":"2","sourceHandle":"true","target":"3","targetHandle":"target"},
 {"id":"c","source":"2","sourceHandle":"3f6c","target":"4","targetHandle":"target"},
 {"id":"d","source":"2","sourceHandle":"false","target":"7","targetHandle":"target"},
 {"id":"e","source":"3","sourceHandle":"source","target":"5","targetHandle":"target"},
 {"id":"f","source":"4","sourceHandle":"source","target":"5","targetHandle":"target"},
 {"id":"g","source":"5","sourceHandle":"source","target":"6","targetHandle":"target"}],
"viewport":{"x":0,"y":0,"zoom":0.7}}}})j";

const std::string kFlowise = R"j({"nodes":[
 {"id":"startAgentflow_0","type":"agentFlow","data":{"name":"startAgentflow","inputs":{}}},
 {"id":"conditionAgentflow_0","type":"agentFlow","data":{"name":"conditionAgentflow","inputs":{"conditions":[
   {"type":"string","value1":"<p><span class=\"variable\">{{ question }}</span> </p>","operation":"contains","value2":"price"},
   {"type":"number","value1":"{{ $form.n }}","operation":"larger","value2":"5"}]}}},
 {"id":"directReplyAgentflow_0","type":"agentFlow","data":{"name":"directReplyAgentflow","inputs":{"directReplyMessage":"<p>You asked: {{ question }}</p>"}}},
 {"id":"directReplyAgentflow_1","type":"agentFlow","data":{"name":"directReplyAgentflow","inputs":{"directReplyMessage":"<p>many &amp; more</p><p>so</p>"}}},
 {"id":"directReplyAgentflow_2","type":"agentFlow","data":{"name":"directReplyAgentflow","inputs":{"directReplyMessage":"else"}}},
 {"id":"stickyNoteAgentflow_0","type":"stickyNote","data":{"name":"stickyNoteAgentflow"}}],
"edges":[{"id":"1","source":"startAgentflow_0","sourceHandle":"startAgentflow_0-output-startAgentflow","target":"conditionAgentflow_0","targetHandle":"conditionAgentflow_0","type":"agentFlow"},
 {"id":"2","source":"conditionAgentflow_0","sourceHandle":"conditionAgentflow_0-output-0","target":"directReplyAgentflow_0","targetHandle":"directReplyAgentflow_0"},
 {"id":"3","source":"conditionAgentflow_0","sourceHandle":"conditionAgentflow_0-output-1","target":"directReplyAgentflow_1","targetHandle":"directReplyAgentflow_1"},
 {"id":"4","source":"conditionAgentflow_0","sourceHandle":"conditionAgentflow_0-output-2","target":"directReplyAgentflow_2","targetHandle":"directReplyAgentflow_2"}]})j";

const std::string kLangflow = R"j({"name":"x","data":{"nodes":[
 {"id":"ChatInput-a","type":"genericNode","data":{"type":"ChatInput","node":{"template":{}}}},
 {"id":"Router-b","type":"genericNode","data":{"type":"ConditionalRouter","node":{"template":{"match_text":{"value":"Yes"},"operator":{"value":"equals"}}}}},
 {"id":"ChatOutput-c","type":"genericNode","data":{"type":"ChatOutput","node":{"template":{}}}},
 {"id":"Prompt-d","type":"genericNode","data":{"type":"Prompt","node":{"template":{}}}},
 {"id":"note-1","type":"noteNode","data":{"type":"note","node":{}}}],
"edges":[{"id":"1","source":"ChatInput-a","target":"Router-b","sourceHandle":"{œdataTypeœ:œChatInputœ,œidœ:œChatInput-aœ,œnameœ:œmessageœ,œoutput_typesœ:[œMessageœ]}","targetHandle":"{œfieldNameœ:œinput_textœ,œidœ:œRouter-bœ}"},
 {"id":"2","source":"Router-b","target":"ChatOutput-c","sourceHandle":"{œdataTypeœ:œConditionalRouterœ,œidœ:œRouter-bœ,œnameœ:œtrue_resultœ,œoutput_typesœ:[œMessageœ]}","targetHandle":"{œfieldNameœ:œinput_valueœ,œidœ:œChatOutput-cœ}"}],
"viewport":{"x":0,"y":0,"zoom":1}}})j";

const std::string kDifyMore =
    R"j({"workflow":{"conversation_variables":[{"name":"last","value":"","value_type":"string"}],"graph":{"nodes":[
 {"id":"s","type":"custom","data":{"type":"start"}},
 {"id":"c","data":{"type":"code","code_language":"python3","code":"def main(n: int, t: str) -> dict:\n    a = [n, n * 2][0]\n    return {'r': a + 1, 'l': [n], 't': f\"{t}!\".upper() if n > 1 else t[1:]}","variables":[{"variable":"n","value_selector":["s","n"],"value_type":"number"},{"variable":"t","value_selector":["s","t"]}],"outputs":{"r":{"type":"number"},"l":{"type":"array[number]"}}}},
 {"id":"i","type":"custom","data":{"type":"iteration","iterator_selector":["c","l"],"output_selector":["x","answer"]}},
 {"id":"x","type":"custom","parentId":"i","data":{"type":"answer","answer":"{{#i.item#}}"}},
 {"id":"h","type":"custom","data":{"type":"http-request","method":"post","url":"http://x/{{#s.t#}}","headers":"a:{{#c.t#}}","params":"","authorization":{"type":"api-key","config":{"type":"custom","header":"x","api_key":"{{#env.k#}}"}},"retry_config":{"retry_enabled":true,"max_retries":3,"retry_interval":100},"error_strategy":"default-value","default_value":[{"key":"body","type":"string","value":"x"}],"body":{"type":"json","data":[{"value":"{}"}]}}},
 {"id":"e","type":"custom","data":{"type":"end","outputs":[{"variable":"a","value_selector":["h","error_message"]}]}},
 {"id":"f","type":"custom","data":{"type":"end","outputs":[{"variable":"b","value_selector":["c","r"]}]}},
 {"id":"j","data":{"type":"template-transform","template":"{% if a.b %}{{ a | upper }}{% else %}-{% endif %}","variables":[{"variable":"a","value_selector":["c","t"]}]}},
 {"id":"y","type":"custom","data":{"type":"answer","answer":"{{#c.r#}}"}},
 {"id":"v","type":"custom","data":{"type":"assigner","assigned_variable_selector":["conversation","last"],"input_variable_selector":["y","answer"],"write_mode":"over-write"}}],
"edges":[{"source":"s","target":"c"},{"source":"c","target":"i","sourceHandle":"source"},{"source":"c","target":"h"},{"source":"h","target":"e"},{"source":"h","target":"f","sourceHandle":"fail-branch"},{"source":"i","target":"j"},{"source":"j","target":"y"},{"source":"y","target":"v"}]}}})j";

// The journal of a run: "node:port" in order.
struct Ran {
    std::string path, result;
};
Ran run(const std::string& text, const Json& input) {
    const auto graph = parseGraph(text);
    BOOST_REQUIRE_MESSAGE(graph.ok(), (graph ? "" : graph.error().message));
    const auto compiled = compile(*graph, Json::object(), {});
    BOOST_REQUIRE_MESSAGE(compiled.ok(), (compiled ? "" : compiled.error().message));
    static const Redactor redactor;
    WalkContext context;
    context.redactor = &redactor;
    RunState state = freshState(**compiled, input);
    const Walk walk = begin(**compiled, state, (*compiled)->triggers, context);
    BOOST_REQUIRE_MESSAGE(!walk.error, (walk.error ? walk.error->message : ""));
    Ran out;
    const auto journal = parseJson(walk.journal);
    for (const auto& entry : *journal)
        out.path += (out.path.empty() ? "" : " ") + textAt(entry, "node") + ":" + textAt(entry, "port");
    out.result = walk.result;
    return out;
}

void collect(Json& value, std::vector<Json*>& out) {
    out.push_back(&value);
    if (!value.is_structured()) return;
    for (auto& member : value) collect(member, out);
}

// Something in it becomes something that nobody would write, or goes away, or comes twice.
void damage(Json& document, std::mt19937& random) {
    static const char* const kOdd[] = {"null",   "[]",           "{}",    "7",      "\"\"",
                                       "-1e300", "\"œ{{#.#}}\"", "true",  "[[[]]]", "{\"type\":3}",
                                       "\"{{\"", "[null,{}]",    "\"1\"", "\"set\""};
    std::vector<Json*> all;
    collect(document, all);
    Json& one = *all[random() % all.size()];
    if (random() % 3 == 0 && one.is_array() && !one.empty()) {
        one.push_back(Json(one[random() % one.size()]));
    } else if (random() % 3 == 0 && one.is_object() && !one.empty()) {
        one.erase(std::next(one.begin(), static_cast<std::ptrdiff_t>(random() % one.size())));
    } else if (one.is_primitive() || random() % 8 == 0) {
        one = Json::parse(kOdd[random() % std::size(kOdd)]);
    }
}

std::vector<std::string> codesOf(const std::string& text, Severity severity) {
    std::vector<std::string> codes;
    for (const auto& finding : lintText(text, {})) {
        if (finding.severity == severity) codes.push_back(finding.code + " " + finding.node);
    }
    return codes;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_dify_graph_runs_through_the_branch_whose_case_holds) {
    BOOST_TEST(codesOf(kDify, Severity::Error) == std::vector<std::string>{},
               boost::test_tools::per_element());

    const Ran adult = run(kDify, {{"age", 20}, {"name", "Ann"}});
    BOOST_TEST(adult.path == "1:out 2:true 3:out 5:out 6:out");
    BOOST_TEST(adult.result == R"({"greeting":"Dear Ann"})");

    const Ran child = run(kDify, {{"age", 7}, {"name", "the kid Bo"}, {"nick", "Bo"}});
    BOOST_TEST(child.path == "1:out 2:3f6c 4:out 5:out 6:out");
    BOOST_TEST(child.result == R"({"greeting":"Hi"})");

    const Ran other = run(kDify, {{"age", 7}, {"name", "Cy"}});
    BOOST_TEST(other.path == "1:out 2:else 7:out");
    BOOST_TEST(other.result.find("No {{ entry }} for Cy") != std::string::npos, other.result);
}

BOOST_AUTO_TEST_CASE(a_flowise_condition_leaves_through_its_numbered_outputs_and_the_last_is_else) {
    BOOST_TEST(codesOf(kFlowise, Severity::Error) == std::vector<std::string>{},
               boost::test_tools::per_element());

    const Ran price = run(kFlowise, {{"question", "the price?"}});
    BOOST_TEST(price.path == "startAgentflow_0:out conditionAgentflow_0:0 directReplyAgentflow_0:out");
    BOOST_TEST(parseJson(price.result)->at("answer") == "You asked: the price?");
    const Ran many = run(kFlowise, {{"question", "x"}, {"n", 6}});
    BOOST_TEST(many.path.ends_with("directReplyAgentflow_1:out"));
    BOOST_TEST(parseJson(many.result)->at("answer") == "many & more\n\nso");
    BOOST_TEST(run(kFlowise, {{"question", "x"}, {"n", 5}}).path.ends_with("directReplyAgentflow_2:out"));
}

BOOST_AUTO_TEST_CASE(a_flowise_loop_runs_its_target_so_often_and_ends_well) {
    const std::string text = R"j({"nodes":[
     {"id":"startAgentflow_0","type":"agentFlow","data":{"name":"startAgentflow","inputs":{"startState":[{"key":"n","value":"0"}]}}},
     {"id":"directReplyAgentflow_0","type":"agentFlow","data":{"name":"directReplyAgentflow","inputs":{"directReplyMessage":"again"}}},
     {"id":"loopAgentflow_0","type":"agentFlow","data":{"name":"loopAgentflow","inputs":{"loopBackToNode":"directReplyAgentflow_0-Reply","maxLoopCount":"3"}}}],
    "edges":[{"id":"1","source":"startAgentflow_0","target":"directReplyAgentflow_0"},{"id":"2","source":"directReplyAgentflow_0","target":"loopAgentflow_0"}]})j";

    BOOST_TEST(codesOf(text, Severity::Warning) == std::vector<std::string>{},
               boost::test_tools::per_element());
    const Ran ran = run(text, Json::object());
    std::size_t replies = 0;
    for (auto at = ran.path.find("directReply"); at != std::string::npos;
         at = ran.path.find("directReply", at + 1))
        ++replies;
    BOOST_TEST(replies == 3U, ran.path);
    BOOST_TEST(ran.result == R"({"answer":"Loop completed after reaching maximum iteration count of 3."})");
}

BOOST_AUTO_TEST_CASE(a_flowise_graph_is_found_in_the_text_of_its_api_answer) {
    const auto graph = parseGraph(dumpJson({{"id", "x"}, {"flowData", kFlowise}}));

    BOOST_REQUIRE(graph.ok());
    BOOST_TEST((graph->dialect == Dialect::FlowiseAgentflow));
    BOOST_TEST(graph->nodes.size() == 5U);
}

BOOST_AUTO_TEST_CASE(langflow_handles_are_read_and_what_has_no_counterpart_is_named) {
    BOOST_TEST(codesOf(kLangflow, Severity::Error) == std::vector<std::string>{"unknown_type Prompt-d"},
               boost::test_tools::per_element());
    const auto graph = parseGraph(kLangflow);
    BOOST_REQUIRE(graph.ok());
    BOOST_TEST(graph->edges[1].source_handle == "true");
    BOOST_TEST(graph->edges[1].target_handle == "input_value");

    std::string runnable = kLangflow;
    runnable.replace(runnable.find("\"Prompt\""), 8, "\"TextOutput\"");
    BOOST_TEST(run(runnable, {{"input_value", "yes"}}).path ==
               "ChatInput-a:out Router-b:true ChatOutput-c:out");
}

namespace {

Json difyNode(const char* id, const char* parent, Json data) {
    Json out = {{"id", id}, {"type", "custom"}, {"data", std::move(data)}};
    if (*parent != '\0') out["parentId"] = parent;
    if (data.is_object() && textAt(data, "type") == "loop-start") out["type"] = "custom-loop-start";
    return out;
}
Json difyEdge(const char* source, const char* handle, const char* target) {
    return {{"id", std::string(source) + handle + target},
            {"source", source},
            {"sourceHandle", handle},
            {"target", target},
            {"targetHandle", "target"}};
}
std::string difyText(Json nodes, Json edges, Json variables = Json::array()) {
    return dumpJson({{"kind", "app"},
                     {"workflow",
                      {{"graph", {{"nodes", std::move(nodes)}, {"edges", std::move(edges)}}},
                       {"conversation_variables", std::move(variables)}}}});
}
Json endOf(const char* node, const char* field, const char* name) {
    return {{"type", "end"}, {"outputs", {{{"variable", name}, {"value_selector", {node, field}}}}}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_dify_loop_goes_round_until_its_variable_says_so) {
    const Json loop = {
        {"type", "loop"},
        {"loop_count", 10},
        {"logical_operator", "and"},
        {"loop_variables",
         {{{"label", "num"}, {"var_type", "number"}, {"value_type", "constant"}, {"value", "1"}}}},
        {"break_conditions",
         {{{"variable_selector", {"L", "num"}}, {"comparison_operator", "≥"}, {"value", "5"}}}}};
    const Json add = {{"type", "assigner"},
                      {"version", "2"},
                      {"items",
                       {{{"variable_selector", {"L", "num"}},
                         {"operation", "+="},
                         {"input_type", "constant"},
                         {"value", 1}}}}};
    const Json edges = {difyEdge("S", "source", "L"), difyEdge("Lstart", "source", "A"),
                        difyEdge("L", "source", "E")};
    const auto text = [&](const Json& start) {
        return difyText({difyNode("S", "", {{"type", "start"}}), difyNode("L", "", loop),
                         difyNode("Lstart", "L", {{"type", "loop-start"}}), difyNode("A", "L", start),
                         difyNode("E", "", endOf("L", "num", "num"))},
                        edges);
    };

    BOOST_TEST(codesOf(text(add), Severity::Error) == std::vector<std::string>{},
               boost::test_tools::per_element());
    BOOST_TEST(codesOf(text(add), Severity::Warning) == std::vector<std::string>{},
               boost::test_tools::per_element());
    BOOST_TEST(run(text(add), Json::object()).result == R"({"num":5})");
    BOOST_TEST(run(text({{"type", "loop-end"}}), Json::object()).result == R"({"num":1})");
}

BOOST_AUTO_TEST_CASE(dify_code_that_computes_runs_and_answers_of_a_chat_are_one_text) {
    const Json list = {{"type", "code"},
                       {"code_language", "python3"},
                       {"code", "def main(n):\n    return {'fruits': ['apple', 'kiwi'], 'next': n + 1}"},
                       {"variables", {{{"variable", "n"}, {"value_selector", {"S", "n"}}}}}};
    const Json each = {
        {"type", "iteration"}, {"iterator_selector", {"C", "fruits"}}, {"output_selector", {"A", "answer"}}};
    const auto text = [&](const Json& code) {
        return difyText(
            {difyNode("S", "", {{"type", "start"}}), difyNode("C", "", code), difyNode("I", "", each),
             difyNode("A", "I", {{"type", "answer"}, {"answer", "{{#I.item#}}\n"}}),
             difyNode("Z", "", {{"type", "answer"}, {"answer", "{{#C.next#}} done"}})},
            {difyEdge("S", "source", "C"), difyEdge("C", "source", "I"), difyEdge("I", "source", "Z")});
    };
    Json loops = list;
    loops["code"] = "def main(n):\n    while True: n = n + 1";

    BOOST_TEST(codesOf(text(list), Severity::Warning) == std::vector<std::string>{},
               boost::test_tools::per_element());
    BOOST_TEST(run(text(list), {{"n", 1}}).result == R"({"answer":"apple\nkiwi\n2 done"})");
    const auto findings = lintText(text(loops), {});
    BOOST_TEST(std::any_of(findings.begin(), findings.end(), [](const Finding& one) {
        return one.node == "C" && one.remedy.find("line 2: \"while\"") != std::string::npos;
    }));
}

BOOST_AUTO_TEST_CASE(a_dify_run_gives_its_answer_and_all_its_ends_whatever_comes_last) {
    const Json later = {{"type", "assigner"},
                        {"assigned_variable_selector", {"conversation", "last"}},
                        {"input_variable_selector", {"sys", "query"}},
                        {"write_mode", "over-write"}};
    const std::string answered = difyText(
        {difyNode("S", "", {{"type", "start"}}), difyNode("A", "", {{"type", "answer"}, {"answer", "hi"}}),
         difyNode("V", "", later)},
        {difyEdge("S", "source", "A"), difyEdge("A", "source", "V")}, {{{"name", "last"}, {"value", ""}}});
    const std::string ends =
        difyText({difyNode("S", "", {{"type", "start"}}), difyNode("X", "", endOf("S", "a", "x")),
                  difyNode("Y", "", endOf("S", "b", "y"))},
                 {difyEdge("S", "source", "X"), difyEdge("S", "source", "Y")});

    BOOST_TEST(run(answered, {{"query", "q"}}).result == R"({"answer":"hi"})");
    BOOST_TEST(codesOf(answered, Severity::Warning) == std::vector<std::string>{},
               boost::test_tools::per_element());
    BOOST_TEST(run(ends, {{"a", 1}, {"b", {2}}}).result == R"({"x":1,"y":[2]})");
}

BOOST_AUTO_TEST_CASE(a_dify_request_keeps_its_key_its_retry_and_what_an_answer_is) {
    const auto paramsOf = [](Json more) {
        more.update({{"type", "http-request"}, {"method", "get"}, {"url", "http://x/"}, {"headers", ""}});
        return parseGraph(difyText({difyNode("H", "", more)}, Json::array()))->nodes[0].data;
    };
    const Json plain = paramsOf({{"authorization", {{"type", "no-auth"}}}});
    const Json bearer =
        paramsOf({{"authorization",
                   {{"type", "api-key"}, {"config", {{"type", "bearer"}, {"api_key", "{{#env.k#}}"}}}}},
                  {"retry_config", {{"retry_enabled", true}, {"max_retries", 2}, {"retry_interval", 500}}}});

    BOOST_TEST(plain["fail_on_status"] == false);
    BOOST_TEST(!plain.contains("retry"));
    BOOST_TEST(textAt(bearer["headers"], "Authorization").starts_with("Bearer {{ "));
    BOOST_TEST(bearer["fail_on_status"] == true);
    BOOST_TEST(bearer["retry"]["attempts"] == 3);
    BOOST_TEST(bearer["retry"]["first_wait_s"] == 0.5);
}

BOOST_AUTO_TEST_CASE(dify_compares_lists_and_what_only_files_have_is_not_guessed) {
    const auto text = [](Json condition) {
        condition["variable_selector"] = {"S", "q"};
        const Json branch = {{"type", "if-else"},
                             {"cases", {{{"case_id", "true"}, {"conditions", Json::array({condition})}}}}};
        return difyText({difyNode("S", "", {{"type", "start"}}), difyNode("I", "", branch)},
                        {difyEdge("S", "source", "I")});
    };
    const std::string all =
        text({{"comparison_operator", "all of"}, {"varType", "array[string]"}, {"value", {"a", "b"}}});

    BOOST_TEST(run(all, {{"q", {"b", "a", "c"}}}).path.ends_with("I:true"));
    BOOST_TEST(run(all, {{"q", {"a"}}}).path.ends_with("I:false"));
    BOOST_TEST(
        codesOf(text({{"comparison_operator", "contains"}, {"sub_variable_condition", Json::object()}}),
                Severity::Error) == std::vector<std::string>{"unknown_type I"},
        boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_dify_node_with_default_values_goes_on_when_it_fails) {
    const Json code = {
        {"type", "code"},
        {"code_language", "python3"},
        {"code", "def main(n: int): return {'r': n + 1}"},
        {"variables", {{{"variable", "n"}, {"value_selector", {"S", "n"}}}}},
        {"error_strategy", "default-value"},
        {"default_value", {{{"key", "r"}, {"type", "object"}, {"value", R"({"a":{"b":1}})"}}}}};
    const std::string text = difyText({difyNode("S", "", {{"type", "start"}}), difyNode("C", "", code),
                                       difyNode("E", "", endOf("C", "r", "out"))},
                                      {difyEdge("S", "source", "C"), difyEdge("C", "source", "E")});

    BOOST_TEST(run(text, {{"n", 1}}).result == R"({"out":2})");
    BOOST_TEST(run(text, {{"n", "x"}}).result == R"({"out":{"a":{"b":1}}})");
}

BOOST_AUTO_TEST_CASE(many_dify_iterations_and_long_flowise_texts_are_mapped_in_linear_steps) {
    Json nodes = {difyNode("S", "", {{"type", "start"}})}, edges = Json::array();
    for (int i = 0; i < 1'500; ++i) {
        const std::string id = "I" + std::to_string(i), inner = "T" + std::to_string(i);
        nodes.push_back(difyNode(id.c_str(), "",
                                 {{"type", "iteration"},
                                  {"iterator_selector", {"S", "q"}},
                                  {"output_selector", {inner, "output"}}}));
        nodes.push_back(difyNode(inner.c_str(), id.c_str(),
                                 {{"type", "template-transform"},
                                  {"template", "{{ a }}"},
                                  {"variables", {{{"variable", "a"}, {"value_selector", {id, "item"}}}}}}));
        edges.push_back(difyEdge("S", "source", id.c_str()));
    }
    std::string entities;
    for (int i = 0; i < 500'000; ++i) entities += "&lt;";
    const Json reply = {
        {"nodes",
         {{{"id", "directReplyAgentflow_0"},
           {"type", "agentFlow"},
           {"position", {{"x", 0}, {"y", 0}}},
           {"data", {{"name", "directReplyAgentflow"}, {"inputs", {{"directReplyMessage", entities}}}}}}}},
        {"edges", Json::array()}};
    const auto begin = std::chrono::steady_clock::now();

    const auto graph = parseGraph(difyText(nodes, edges));
    const auto replied = parseGraph(dumpJson(reply));

    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(8)));  // 25 s else
    BOOST_REQUIRE((graph.ok() && replied.ok()));
    BOOST_TEST(dumpJson(graph->nodes.at(2).data).find("loop.item") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(long_default_values_that_many_read_do_not_fill_the_memory) {
    const Json code = {
        {"type", "code"},
        {"code_language", "python3"},
        {"code", "def main(): return {'r': 1}"},
        {"variables", Json::array()},
        {"error_strategy", "default-value"},
        {"default_value", {{{"key", "r"}, {"type", "string"}, {"value", std::string(1'000'000, 'x')}}}}};
    std::string reads;
    for (int i = 0; i < 2'000; ++i) reads += "{{#C.r#}}";
    const std::string text = difyText({difyNode("S", "", {{"type", "start"}}), difyNode("C", "", code),
                                       difyNode("A", "", {{"type", "answer"}, {"answer", reads}})},
                                      {difyEdge("S", "source", "C"), difyEdge("C", "source", "A")});

    BOOST_TEST(codesOf(text, Severity::Error) == std::vector<std::string>{"unknown_type C"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nested_dify_iterations_read_each_others_items_and_may_put_their_lists_together) {
    const auto iteration = [](Json items, Json output) -> Json {
        return {{"type", "iteration"},
                {"iterator_selector", std::move(items)},
                {"output_selector", std::move(output)}};
    };
    const Json inner = {{"type", "template-transform"},
                        {"template", "{{ a }}-{{ b }}"},
                        {"variables",
                         {{{"variable", "a"}, {"value_selector", {"O", "index"}}},
                          {{"variable", "b"}, {"value_selector", {"I", "item"}}}}}};
    const auto text = [&](bool flattens) {
        Json outer = iteration({"S", "rows"}, {"I", "output"});
        outer["flatten_output"] = flattens;
        return difyText(
            {difyNode("S", "", {{"type", "start"}}), difyNode("O", "", outer),
             difyNode("I", "O", iteration({"O", "item"}, {"T", "output"})), difyNode("T", "I", inner),
             difyNode("after", "I", {{"type", "template-transform"}, {"template", "seen"}}),
             difyNode("E", "", endOf("O", "output", "all"))},
            {difyEdge("S", "source", "O"), difyEdge("T", "source", "after"), difyEdge("O", "source", "E")});
    };
    const Json rows = {{"rows", {{"x", "y"}, {"z"}}}};

    BOOST_TEST(codesOf(text(true), Severity::Warning) == std::vector<std::string>{},
               boost::test_tools::per_element());
    BOOST_TEST(run(text(true), rows).result == R"({"all":["0-x","0-y","1-z"]})");
    BOOST_TEST(run(text(false), rows).result == R"({"all":[["0-x","0-y"],["1-z"]]})");
}

BOOST_AUTO_TEST_CASE(a_dify_conversation_variable_begins_as_the_export_says_and_changes) {
    const Json set = {{"type", "assigner"},
                      {"assigned_variable_selector", {"conversation", "names"}},
                      {"write_mode", "append"},
                      {"input_variable_selector", {"sys", "query"}}};
    const std::string text = difyText({difyNode("S", "", {{"type", "start"}}), difyNode("A", "", set),
                                       difyNode("E", "", endOf("conversation", "names", "all"))},
                                      {difyEdge("S", "source", "A"), difyEdge("A", "source", "E")},
                                      {{{"name", "names"}, {"value", {"ann"}}}});

    BOOST_TEST(codesOf(text, Severity::Warning) == std::vector<std::string>{},
               boost::test_tools::per_element());
    BOOST_TEST(run(text, {{"query", "bob"}}).result == R"({"all":["ann","bob"]})");
}

BOOST_AUTO_TEST_CASE(each_mapped_node_is_told_and_each_other_says_why_not) {
    std::string text = kDify;
    text.replace(text.find("template-transform"), 18, "llm");
    const auto findings = lintText(text, {});

    for (const auto& finding : findings) {
        if (finding.node == "2") BOOST_TEST(finding.message == "Dify node \"if-else\" runs as switch");
        if (finding.node != "3") continue;
        BOOST_TEST(finding.code == "unknown_type");
        BOOST_TEST(finding.remedy.find("language model") != std::string::npos);
        BOOST_TEST(finding.path == "nodes[2]");
    }
}

BOOST_AUTO_TEST_CASE(dify_yaml_is_the_same_graph) {
    const auto graph = parseGraph(R"(app:
  name: 'Hello'
kind: app
workflow:
  graph:
    edges:
    - {id: a, source: '1', sourceHandle: source, target: '2', targetHandle: target}
    nodes:
    - data: &first
        title: Start
        type: start
        variables: []
      id: '1'
      type: custom
    - data:
        answer: "line one\nline {{#1.q#}}"
        type: answer
      id: 2
      type: custom
)");

    BOOST_REQUIRE_MESSAGE(graph.ok(), (graph ? "" : graph.error().message));
    BOOST_TEST(graph->nodes[0].type == "trigger.manual");
    BOOST_TEST(graph->nodes[1].id == "2");
    BOOST_TEST(graph->nodes[1].type == "set");
    BOOST_TEST(graph->edges[0].target == "2");
}

BOOST_AUTO_TEST_CASE(yaml_that_unfolds_without_end_or_is_broken_is_refused_with_its_place) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 10; ++k) bomb += (k == 0 ? "" : ", ") + before;
        bomb += "]\n";
    }
    BOOST_TEST(parseDocument(bomb, kGraphLimits).error().code == "json_limit");
    const auto broken = parseDocument("a: b\n c: [", kGraphLimits);
    BOOST_REQUIRE(!broken.ok());
    BOOST_TEST(broken.error().message.starts_with("yaml: line "), broken.error().message);
}

BOOST_AUTO_TEST_CASE(a_dify_graph_of_many_kinds_is_taken_as_a_whole) {
    BOOST_TEST(codesOf(kDifyMore, Severity::Error) == std::vector<std::string>{},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(graphs_that_were_damaged_at_random_are_judged_without_a_fault_of_ours) {
    std::mt19937 random(20261126);
    int parsed = 0;
    for (int round = 0; round < 4000; ++round) {
        const std::string* const texts[] = {&kDify, &kFlowise, &kLangflow, &kDifyMore};
        std::string text = *texts[round % 4];
        if (round % 5 == 0) {
            text.erase(random() % text.size(), 1 + random() % 40);
        } else {
            auto json = parseJson(text);
            for (int change = 0; change < 1 + round % 7; ++change) damage(*json, random);
            text = dumpJson(*json);
        }

        const auto graph = parseGraph(text);
        const auto findings = lintText(text, {});

        parsed += graph ? 1 : 0;
        if (!graph) BOOST_TEST(hasErrors(findings));
        if (graph && !hasErrors(findings)) BOOST_TEST(compile(*graph, Json::object(), {}).ok(), text);
    }
    BOOST_TEST(parsed > 1500);
}
