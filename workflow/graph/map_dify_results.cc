// What a run of a Dify graph gives: all answers of a chat as one text, the outputs of all ends that were
// reached.
#include <algorithm>
#include <unordered_set>

#include "workflow/graph/map_dify.h"
#include "workflow/node_type.h"

namespace signalbox::workflow {
namespace {

constexpr std::size_t kMaxDefaults = 200;  // each is looked for in the whole graph

std::vector<GraphNode*> mappedOf(Graph& graph, const char* kind) {
    std::vector<GraphNode*> out;
    for (auto& node : graph.nodes)
        if (node.kind == kind && node.type == "set") out.push_back(&node);
    return out;
}

std::unordered_set<std::string> leftNodes(const Graph& graph) {
    std::unordered_set<std::string> out;
    for (const auto& edge : graph.edges) out.insert(edge.source);
    return out;
}

// Behind every other node where the run may end: the answer so far.
void tellAnswer(Graph& graph, const std::unordered_set<std::string>& left) {
    std::vector<GraphNode> told;
    for (const auto& node : graph.nodes) {
        if (node.kind == "answer" || left.contains(node.id) || !node.parent.empty()) continue;
        GraphNode made;
        made.id = node.id + ":answer";
        made.type = "set";
        made.index = node.index;
        made.data = {{"fields", {{"answer", "{{ vars[\"answer\"] }}"}}}, {"keep", false}};
        GraphEdge edge;
        edge.id = made.id;
        edge.source = node.id;
        edge.target = made.id;
        edge.index = graph.edges.size();
        graph.edges.push_back(std::move(edge));
        told.push_back(std::move(made));
    }
    graph.nodes.insert(graph.nodes.end(), told.begin(), told.end());
}

void joinAnswers(Graph& graph) {
    const auto answers = mappedOf(graph, "answer");
    const auto left = leftNodes(graph);
    const bool goes_on = std::any_of(answers.begin(), answers.end(), [&](const GraphNode* node) {
        return !node->parent.empty() || left.contains(node->id);
    });
    if (answers.empty() || (answers.size() == 1 && !goes_on)) return;
    graph.settings["variables"]["answer"] = "";
    for (auto* node : answers) {
        const std::string text = textAt(memberAt(node->data, "fields"), "answer");
        node->type = "set_variable";
        node->data = {{"changes", {{{"name", "answer"}, {"value", "{{ vars[\"answer\"] }}" + text}}}},
                      {"output", {{"answer", "{{ vars[\"answer\"] }}"}}}};
    }
    if (goes_on) tellAnswer(graph, left);
}

// "{{ path }}" → path
std::string expressionOf(const Json& text) {
    const auto& given = text.get_ref<const std::string&>();
    return given.substr(3, given.size() - 6);
}

void joinEnds(Graph& graph) {
    const auto ends = mappedOf(graph, "end");
    if (ends.size() < 2) return;
    graph.settings["variables"]["outputs"] = Json::object();
    for (auto* node : ends) {
        std::string members;
        for (const auto& [name, value] : memberAt(node->data, "fields").items())
            members += (members.empty() ? "" : ", ") + literal(name) + ": " + expressionOf(value);
        node->type = "set_variable";
        node->data = {
            {"changes",
             {{{"name", "outputs"}, {"value", "{{ merge(vars[\"outputs\"], { " + members + " }) }}"}}}},
            {"output", "{{ vars[\"outputs\"] }}"}};
    }
}

// Where others read what the node gives: that, or the default.
void giveDefault(Graph& graph, const GraphNode& node, const Json& one) {
    const std::string key = textAt(one, "key") == "status_code" ? "status" : textAt(one, "key");
    const Json& value = memberAt(one, "value");
    const std::string text = value.is_string() ? value.get<std::string>() : dumpJson(value);
    const bool is_text = textAt(one, "type", "string") == "string";
    const std::string path = outputPath(node.id, {key});
    const std::string fallback = is_text           ? literal(text)
                                 : parseJson(text) ? "parse_json(" + literal(text) + ")"
                                                   : "null";
    for (auto& other : graph.nodes)
        if (&other != &node) replaceAll(other.data, path, "(" + path + " ?? " + fallback + ")");
}

}  // namespace

void giveDefaults(Graph& graph) {
    std::size_t count = 0;
    for (auto& node : graph.nodes) {
        if (textAt(node.original, "error_strategy") != "default-value" || findNodeType(node.type) == nullptr)
            continue;
        const Json& defaults = memberAt(node.original, "default_value");
        count += defaults.size();
        if (count > kMaxDefaults) {
            node.type = "dify." + node.kind;
            node.reason =
                "the graph has more than " + std::to_string(kMaxDefaults) + " default values; use on_error";
            continue;
        }
        node.data["on_error"] = "continue";
        for (const auto& one : defaults) giveDefault(graph, node, one);
    }
}

void joinResults(Graph& graph) {
    joinAnswers(graph);
    joinEnds(graph);
}

}  // namespace signalbox::workflow
