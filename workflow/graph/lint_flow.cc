// The way through the graph: triggers, reach, cycles.
#include <algorithm>
#include <unordered_map>

#include "workflow/graph/lint.h"
#include "workflow/graph/regions.h"

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

// Behind a loop node: its children too.
void reachChildren(const FlowShape& shape, Flow& flow) {
    for (std::size_t i = 0; i < shape.nodes.size(); ++i) {
        const auto parent = shape.nodes[i].parent;
        if (parent >= 0 && shape.nodes[static_cast<std::size_t>(parent)].repeats)
            flow.next[static_cast<std::size_t>(parent)].push_back(i);
    }
}

// A loop that has nothing to repeat.
void lintLoops(const Graph& graph, const FlowShape& shape, const Regions& regions,
               std::vector<Finding>& findings) {
    for (std::uint32_t i = 0; i < shape.nodes.size(); ++i) {
        if (!shape.nodes[i].repeats || regions.hosted[i] == 0) continue;
        if (!regions.all[regions.hosted[i]].nodes.empty()) continue;
        findings.push_back({"empty_loop", Severity::Error, graph.nodes[i].id, "",
                            "repeats nothing: no edge leaves its port \"each\"",
                            "lead an edge from \"each\" to what is to be repeated, and back to this node"});
    }
}

}  // namespace

void lintFlow(const Graph& graph, std::vector<Finding>& findings) {
    Flow flow = flowOf(graph);
    const FlowShape shape = shapeOf(graph);
    reachChildren(shape, flow);
    if (flow.triggers.empty()) {
        findings.push_back({"no_trigger", Severity::Error, "", "", "nothing starts this workflow",
                            "add a trigger.message, trigger.webhook or trigger.manual node"});
    } else if (std::all_of(flow.triggers.begin(), flow.triggers.end(),
                           [&](std::size_t at) { return graph.nodes[at].is_disabled; })) {
        const GraphNode& first = graph.nodes[flow.triggers.front()];
        findings.push_back({"disabled_trigger", Severity::Warning, first.id, "",
                            "nothing starts this workflow: all its triggers are disabled",
                            "take `disabled` away from one of them, or unpublish the workflow",
                            "data.disabled"});
    }
    const auto is_reached = reached(flow);
    const Regions regions = findRegions(shape);
    for (const auto& fault : regions.faults) {
        findings.push_back(
            {fault.code, Severity::Error, graph.nodes[fault.node].id, "", fault.message, fault.remedy});
    }
    if (regions.faults.empty()) lintLoops(graph, shape, regions, findings);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        if (is_reached[i] || flow.triggers.empty()) continue;
        findings.push_back({"unreachable_node", Severity::Warning, graph.nodes[i].id, "",
                            "no trigger leads to this node", "connect it or remove it"});
    }
}

}  // namespace signalbox::workflow
