#include <boost/test/unit_test.hpp>

#include "workflow/graph/graph.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

const std::string kBare = R"({"nodes":[{"id":"a","type":"trigger.manual","position":{"x":0,"y":0},"data":{}},
    {"id":"b","type":"set","parentId":"box","data":{"fields":{"x":1}}}],
    "edges":[{"id":"e","source":"a","target":"b","sourceHandle":null}],"viewport":{"x":0,"y":0,"zoom":1}})";

Graph parsed(const std::string& text) {
    auto graph = parseGraph(text);
    BOOST_REQUIRE_MESSAGE(graph.ok(), (graph ? "" : graph.error().message));
    return std::move(*graph);
}

std::vector<std::string> nodeIds(const Graph& graph) {
    std::vector<std::string> ids;
    for (const auto& node : graph.nodes) ids.push_back(node.id);
    return ids;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_wrapper_gives_the_same_nodes_and_edges) {
    const std::string as_string = dumpJson(Json(kBare));
    for (const auto& text :
         {kBare, R"({"name":"langflow","data":)" + kBare + "}",
          R"({"app":{"name":"dify"},"workflow":{"environment_variables":[],"graph":)" + kBare + "}}",
          R"({"id":"flowise","flowData":)" + as_string + R"(,"deployed":false})",
          R"({"description":"flowise file","framework":"x",)" + kBare.substr(1)}) {
        const Graph graph = parsed(text);

        BOOST_TEST(nodeIds(graph) == (std::vector<std::string>{"a", "b"}), boost::test_tools::per_element());
        BOOST_REQUIRE(graph.edges.size() == 1U);
        BOOST_TEST(graph.edges[0].source_handle == "");
    }
}

BOOST_AUTO_TEST_CASE(the_parent_is_read_from_either_version_of_react_flow) {
    const Graph v12 = parsed(R"({"nodes":[{"id":"a","type":"set","parentId":"g"}],"edges":[]})");
    const Graph v11 =
        parsed(R"({"nodes":[{"id":"a","type":"set","parentNode":"g","positionAbsolute":{"x":1,"y":2}}]})");

    BOOST_TEST(v12.nodes[0].parent == "g");
    BOOST_TEST(v11.nodes[0].parent == "g");
}

BOOST_AUTO_TEST_CASE(ids_may_be_numbers) {
    const Graph graph = parsed(
        R"({"nodes":[{"id":1,"type":"set"},{"id":2,"type":"set"}],"edges":[{"id":7,"source":1,"target":2}]})");

    BOOST_TEST(graph.nodes[1].id == "2");
    BOOST_TEST(graph.edges[0].source == "1");
    BOOST_TEST(graph.edges[0].id == "7");
}

BOOST_AUTO_TEST_CASE(the_kind_is_in_the_data_where_the_type_is_a_generic_one) {
    const Graph graph =
        parsed(R"({"nodes":[{"id":"a","type":"custom","data":{"type":"if"}},{"id":"b","data":{"kind":"lua"}},
        {"id":"c","type":"set","data":{"type":"text"}}],"edges":[]})");

    BOOST_TEST(graph.nodes[0].type == "if");
    BOOST_TEST(graph.nodes[1].type == "lua");
    BOOST_TEST(graph.nodes[2].type == "set");
}

BOOST_AUTO_TEST_CASE(groups_and_notes_are_no_nodes_and_their_edges_no_edges) {
    const Graph graph =
        parsed(R"({"nodes":[{"id":"g","type":"group"},{"id":"n","type":"stickyNote"},{"id":"a","type":"set"}],
        "edges":[{"id":"e","source":"n","target":"a"}]})");

    BOOST_TEST(nodeIds(graph) == std::vector<std::string>{"a"}, boost::test_tools::per_element());
    BOOST_TEST(graph.edges.empty());
}

BOOST_AUTO_TEST_CASE(a_node_without_an_id_is_a_fault_that_names_its_place) {
    const Graph graph = parsed(R"({"nodes":[{"id":"a","type":"set"},{"type":"set"},"odd"],"edges":[]})");

    BOOST_REQUIRE(graph.faults.size() == 2U);
    BOOST_TEST(graph.faults[0].message == "nodes[1] has no id");
    BOOST_TEST(graph.faults[0].code == "node_without_id");
}

BOOST_AUTO_TEST_CASE(a_text_without_a_graph_is_refused_with_a_remedy) {
    for (const char* text :
         {"", "[]", "{}", "null", R"({"nodes":3})", R"({"data":{"data":{"data":{"data":{"data":{}}}}}})",
          R"({"flowData":"{\"nodes\": broken"})"}) {
        BOOST_TEST(!parseGraph(text).ok(), text);
    }
    BOOST_TEST(parseGraph("{}").error().message.find("toObject()") != std::string::npos);
    BOOST_TEST(parseGraph("{").error().message.find("line 1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_bomb_of_brackets_is_refused) {
    BOOST_TEST(!parseGraph(std::string(100'000, '[')).ok());
    BOOST_TEST(!parseGraph(R"({"nodes":)" + std::string(100'000, '{')).ok());
}
