// What a run of a Dify graph gives: all answers of a chat as one text, the outputs of all ends that were
// reached.
#include <algorithm>
#include <unordered_set>

#include "workflow/graph/map_dify.h"
#include "workflow/node_type.h"

namespace signalbox::workflow {
namespace {

constexpr std::size_t kMaxDefaults = 200;            // each is looked for in the whole graph
constexpr std::size_t kMaxGrowth = 4 * 1024 * 1024;  // of the graph, by all that is written into it

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

std::size_t timesIn(const Json& value, const std::string& path) {
    std::size_t times = 0;
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        for (auto at = text.find(path); at != std::string::npos; at = text.find(path, at + path.size()))
            ++times;
    }
    if (value.is_structured())
        for (const auto& member : value) times += timesIn(member, path);
    return times;
}

// Where others read what the node gives: that, or the default. False: the graph would become too large.
bool giveDefault(Graph& graph, const GraphNode& node, const Json& one, std::size_t& growth) {
    const std::string key = textAt(one, "key") == "status_code" ? "status" : textAt(one, "key");
    const Json& value = memberAt(one, "value");
    const std::string text = value.is_string() ? value.get<std::string>() : dumpJson(value);
    const bool is_text = textAt(one, "type", "string") == "string";
    const std::string path = outputPath(node.id, {key});
    const std::string fallback = is_text           ? literal(text)
                                 : parseJson(text) ? "parse_json(" + literal(text) + ")"
                                                   : "null";
    const std::string with_default = "(" + path + " ?? " + fallback + ")";
    for (const auto& other : graph.nodes)
        if (&other != &node) growth += timesIn(other.data, path) * with_default.size();
    if (growth > kMaxGrowth) return false;
    for (auto& other : graph.nodes)
        if (&other != &node) replaceAll(other.data, path, with_default);
    return true;
}

}  // namespace

void giveDefaults(Graph& graph) {
    std::size_t count = 0, growth = 0;
    const auto refuse = [](GraphNode& node, const std::string& reason) {
        node.type = "dify." + node.kind;
        node.reason = reason + "; use on_error";
    };
    for (auto& node : graph.nodes) {
        if (textAt(node.original, "error_strategy") != "default-value" || findNodeType(node.type) == nullptr)
            continue;
        const Json& defaults = memberAt(node.original, "default_value");
        count += defaults.size();
        if (count > kMaxDefaults) {
            refuse(node, "the graph has more than " + std::to_string(kMaxDefaults) + " default values");
            continue;
        }
        node.data["on_error"] = "continue";
        const bool all_given = std::all_of(defaults.begin(), defaults.end(), [&](const Json& one) {
            return giveDefault(graph, node, one, growth);
        });
        if (!all_given) refuse(node, "its default values are too long for as often as they are read");
    }
}

void joinResults(Graph& graph) {
    joinAnswers(graph);
    joinEnds(graph);
}

}  // namespace signalbox::workflow
