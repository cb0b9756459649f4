// The way through the graph: triggers, reach, cycles.
#include <unordered_map>

#include "workflow/graph/lint.h"

namespace signalbox::workflow {
namespace {

struct Flow {
    std::vector<std::vector<std::size_t>> next;
    std::vector<std::size_t> triggers;
};

Flow flowOf(const Graph& graph) {
    Flow flow;
    flow.next.resize(graph.nodes.size());
    std::unordered_map<std::string, std::size_t> index;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        index.emplace(graph.nodes[i].id, i);
        const NodeType* type = findNodeType(graph.nodes[i].type);
        if (type != nullptr && type->isTrigger()) flow.triggers.push_back(i);
    }
    for (const auto& edge : graph.edges) {
        const auto source = index.find(edge.source);
        const auto target = index.find(edge.target);
        if (source != index.end() && target != index.end())
            flow.next[source->second].push_back(target->second);
    }
    return flow;
}

std::vector<bool> reached(const Flow& flow) {
    std::vector<bool> seen(flow.next.size());
    std::vector<std::size_t> open = flow.triggers;
    while (!open.empty()) {
        const std::size_t node = open.back();
        open.pop_back();
        if (seen[node]) continue;
        seen[node] = true;
        open.insert(open.end(), flow.next[node].begin(), flow.next[node].end());
    }
    return seen;
}

// What is left when nodes without an incoming edge are taken away again and again lies on a cycle or behind
// one; the same backwards leaves the cycles (and what lies between two).
std::vector<bool> onCycle(const Flow& flow) {
    const std::size_t count = flow.next.size();
    std::vector<std::vector<std::size_t>> before(count);
    for (std::size_t i = 0; i < count; ++i) {
        for (const auto target : flow.next[i]) before[target].push_back(i);
    }
    std::vector<bool> left(count, true);
    for (const auto* direction :
         std::initializer_list<const std::vector<std::vector<std::size_t>>*>{&flow.next, &before}) {
        const auto& other = direction == &flow.next ? before : flow.next;
        std::vector<std::size_t> degree(count, 0), open;
        for (std::size_t i = 0; i < count; ++i) {
            for (const auto neighbour : other[i]) degree[i] += left[neighbour] ? 1 : 0;
            if (left[i] && degree[i] == 0) open.push_back(i);
        }
        while (!open.empty()) {
            const std::size_t node = open.back();
            open.pop_back();
            left[node] = false;
            for (const auto neighbour : (*direction)[node]) {
                if (left[neighbour] && --degree[neighbour] == 0) open.push_back(neighbour);
            }
        }
    }
    return left;
}

}  // namespace

void lintFlow(const Graph& graph, std::vector<Finding>& findings) {
    const Flow flow = flowOf(graph);
    if (flow.triggers.empty()) {
        findings.push_back({"no_trigger", Severity::Error, "", "", "nothing starts this workflow",
                            "add a trigger.message, trigger.webhook or trigger.manual node"});
    }
    const auto is_reached = reached(flow);
    const auto is_on_cycle = onCycle(flow);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        if (is_on_cycle[i]) {
            findings.push_back({"cycle", Severity::Error, graph.nodes[i].id, "",
                                "is part of a cycle of edges", "remove the edge that leads back"});
        }
        if (is_reached[i] || flow.triggers.empty()) continue;
        findings.push_back({"unreachable_node", Severity::Warning, graph.nodes[i].id, "",
                            "no trigger leads to this node", "connect it or remove it"});
    }
}

}  // namespace signalbox::workflow
