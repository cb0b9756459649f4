// Where editors keep nodes and edges, and how the text around them is.
#include <boost/test/unit_test.hpp>

#include "workflow/graph/graph.h"
#include "workflow/graph/lint.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

// "a>b" for each edge, behind the nodes: "a,b a>b".
std::string shapeOf(const std::string& text) {
    const auto graph = parseGraph(text);
    if (!graph) return graph.error().code;
    std::string out;
    for (const auto& node : graph->nodes) out += (out.empty() ? "" : ",") + node.id;
    for (const auto& edge : graph->edges) {
        out += " " + edge.source + (edge.source_handle.empty() ? "" : ":" + edge.source_handle) + ">" +
               edge.target;
    }
    return out;
}

std::string pathsOf(const std::string& text, const std::string& code) {
    std::string out;
    for (const auto& finding : lintText(text, {}))
        if (finding.code == code) out += (out.empty() ? "" : " ") + finding.path;
    return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nodes_and_edges_are_found_however_an_editor_keeps_them) {
    for (
        const auto& [text, shape] : std::map<std::string, std::string>{
            {R"([{"nodes":[{"id":"a"}],"edges":[]}])", "a"},
            {R"({"a":{"b":{"c":{"d":{"nodes":[{"id":"a"}],"edges":[]}}}}})", "a"},
            {R"({"nodes":[{"id":1},{"id":2}],"edges":[{"source":1,"target":2,"sourceHandle":null}]})",
             "1,2 1>2"},
            {R"({"nodes":[{"id":"a"}],"edges":null})", "a"},
            {R"({"nodes":[],"edges":[]})", ""},
            // React Flow 9: one list, also bare
            {R"({"elements":[{"id":"a","position":{}},{"id":"e","source":"a","target":"b"},{"id":"b","position":{}}]})",
             "a,b a>b"},
            {R"([{"id":"a","position":{}},{"id":"e","source":"a","target":"a"}])", "a a>a"},
            // columns of a database, code, maps
            {R"({"id":7,"nodes":"[{\"id\":\"a\"}]","edges":"[{\"source\":\"a\",\"target\":\"a\"}]"})",
             "a a>a"},
            {R"({"initialNodes":[{"id":"a"}],"initialEdges":[{"source":"a","target":"a"}]})", "a a>a"},
            {R"({"nodes":{"a":{},"b":{}},"edges":{"e":{"from":"a","to":"b"}}})", "a,b a>b"},
            {R"({"state":{"blocks":{"a":{"type":"x"}},"edges":[]}})", "a"},
            {R"("{\"nodes\":[{\"id\":\"a\"}],\"edges\":[]}")", "a"},
            // n8n by names, ComfyUI by numbers, Flowgram
            {R"({"nodes":[{"name":"A","id":"u"},{"name":"B"}],"connections":{"A":{"main":[[],[{"node":"B"}]]}}})",
             "A,B A:1>B"},
            {R"({"nodes":[{"id":7},{"id":3}],"links":[[6,7,0,3,2,"X"]]})", "7,3 7:0>3"},
            {R"({"nodes":[{"id":"a"}],"edges":[{"sourceNodeID":"a","targetNodeID":"a","sourcePortID":"p"}]})",
             "a a:p>a"},
            {R"({"nodes":[{"id":7,"inner":{"nodes":[{"id":"x"}],"edges":[]}}],"links":[[6,7,0,7,2]]})",
             "7 7:0>7"},
            {R"({"steps":[{"id":"a"}]})", "no_graph"},
            {R"([1, 2])", "no_graph"}}) {
        BOOST_TEST(shapeOf(text) == shape, text << ": " << shapeOf(text));
    }
}

BOOST_AUTO_TEST_CASE(findings_name_places_of_the_export_as_it_is) {
    const std::string mixed =
        R"({"elements":[{"id":"e","source":"a","target":"x"},{"id":"a","type":"what","position":{}}]})";

    BOOST_TEST(pathsOf(mixed, "missing_endpoint") == "elements[0]");
    BOOST_TEST(pathsOf(mixed, "unknown_type") == "elements[1]");
    BOOST_TEST(pathsOf(R"({"nodes":[null,{"id":"a"}],"edges":[]})", "node_without_id") == "nodes[0]");
}

BOOST_AUTO_TEST_CASE(of_several_graphs_the_first_is_read_and_that_is_told) {
    const std::string text =
        R"({"flows":[{"data":{"nodes":[{"id":"a"}],"edges":[]}},{"data":{"nodes":[{"id":"b"}],"edges":[]}}]})";
    const auto findings = lintText(text, {});

    BOOST_TEST(shapeOf(text) == "a");
    BOOST_TEST(findings.front().code == "several_graphs");
    BOOST_TEST(findings.front().message == "2 graphs are in it; the first is read");
}

BOOST_AUTO_TEST_CASE(half_a_pair_that_stringify_wrote_is_no_reason_to_refuse_a_graph) {
    const auto graph =
        parseGraph(R"({"nodes":[{"id":"a","data":{"label":"\ud83d \ud83d\ude00 \\ud83d"}}],"edges":[]})");

    BOOST_REQUIRE(graph.ok());
    BOOST_TEST(textAt(graph->nodes[0].data, "label") == "\uFFFD \U0001F600 \\ud83d");
    // However it is cut.
    const std::string whole = R"({"nodes":[{"id":"\ud83d\ude00\\"}]})";
    for (std::size_t size = 1; size < whole.size(); ++size)
        BOOST_TEST(!parseGraph(std::string_view(whole).substr(0, size)).ok(), whole.substr(0, size));
    BOOST_TEST(shapeOf(R"({"nodes":[{"id":"\ud83d)") == "json_syntax");
    BOOST_TEST(shapeOf(R"({"nodes":[{"id":"\ud8)") == "json_syntax");
    BOOST_TEST(shapeOf("{\"nodes\":[\"\\u0041\\") == "json_syntax");
}

BOOST_AUTO_TEST_CASE(what_editors_usually_call_a_node_has_a_remedy) {
    for (const auto& [type, remedy] :
         std::map<std::string, std::string>{{"start", "use trigger.manual, or another trigger"},
                                            {"approvalNode", "use wait_approval"},
                                            {"n8n-nodes-base.if", "use if"},
                                            {"http-request", "use http_request"},
                                            {"swich", "did you mean \"switch\"?"}}) {
        const auto findings = lintText(R"({"nodes":[{"id":"a","type":")" + type + R"("}],"edges":[]})", {});
        BOOST_TEST(findings.front().code == "unknown_type");
        BOOST_TEST(findings.front().remedy == remedy, type << ": " << findings.front().remedy);
    }
}
