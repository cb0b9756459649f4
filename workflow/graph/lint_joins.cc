// Joins: inputs that never come, and joins that wait for more of them than there are.
#include <unordered_map>
#include <unordered_set>

#include "workflow/graph/lint.h"

namespace signalbox::workflow {
namespace {

std::unordered_set<std::string> reachedFromTriggers(const Graph& graph) {
    std::unordered_map<std::string, std::vector<std::string>> next;
    for (const auto& edge : graph.edges) next[edge.source].push_back(edge.target);
    // What lies inside of a loop node begins with it.
    for (const auto& node : graph.nodes) {
        if (!node.parent.empty()) next[node.parent].push_back(node.id);
    }
    std::vector<std::string> open;
    for (const auto& node : graph.nodes) {
        const NodeType* type = findNodeType(node.type);
        if (type != nullptr && type->isTrigger()) open.push_back(node.id);
    }
    std::unordered_set<std::string> seen;
    while (!open.empty()) {
        const std::string node = std::move(open.back());
        open.pop_back();
        if (!seen.insert(node).second) continue;
        for (const auto& target : next[node]) open.push_back(target);
    }
    return seen;
}

}  // namespace

void lintJoins(const Graph& graph, std::vector<Finding>& findings) {
    const auto reached = reachedFromTriggers(graph);
    std::unordered_map<std::string, std::vector<const GraphEdge*>> in;
    for (const auto& edge : graph.edges) in[edge.target].push_back(&edge);
    for (const auto& node : graph.nodes) {
        const NodeType* type = findNodeType(node.type);
        const auto& edges = in[node.id];
        if (type == nullptr || type->isTrigger()) continue;
        const auto wanted = numberAt(memberAt(node.data, "join"), "n");
        if (wanted > static_cast<std::int64_t>(edges.size())) {
            findings.push_back({"unfired_join", Severity::Error, node.id, "",
                                "waits for " + std::to_string(wanted) + " inputs, but " +
                                    std::to_string(edges.size()) + " lead to it",
                                "connect more, or ask for fewer in data.join", "data.join"});
        }
        if (edges.size() < 2 || !reached.contains(node.id)) continue;
        for (const auto* edge : edges) {
            if (reached.contains(edge->source)) continue;
            findings.push_back(
                {"unfired_join", Severity::Warning, node.id, edge->id,
                 "joins an input that never comes: no trigger leads to \"" + edge->source + "\"",
                 "connect that node or remove the edge"});
        }
    }
}

}  // namespace signalbox::workflow
