// Nodes and edges as such: ids, endpoints, handles, parents.
#include <unordered_map>
#include <unordered_set>

#include "workflow/expr/expression.h"
#include "workflow/graph/lint.h"
#include "workflow/graph/schema.h"

namespace signalbox::workflow {
namespace {

using NodesById = std::unordered_map<std::string, const GraphNode*>;

void add(std::vector<Finding>& findings, const char* code, const GraphEdge& edge, std::string message,
         std::string remedy, Severity severity = Severity::Error) {
    findings.push_back({code, severity, edge.source, edge.id, std::move(message), std::move(remedy)});
}

std::string portList(const std::vector<Port>& ports) {
    std::string out;
    for (const auto& port : ports) out += (out.empty() ? "" : ", ") + port.id;
    return out;
}

void checkHandle(const GraphEdge& edge, const GraphNode& source, std::vector<Finding>& findings) {
    const NodeType* type = findNodeType(source.type);
    if (type == nullptr) return;  // said already
    const auto ports = portsOf(*type, schemaOf(*type).withDefaults(source.data));
    if (findPort(ports, edge.source_handle) != nullptr) return;
    if (edge.source_handle.empty()) {
        add(findings, "missing_handle", edge, "leaves a node with several ports without saying which",
            "set sourceHandle to one of: " + portList(ports));
        return;
    }
    add(findings, "unknown_handle", edge,
        "leaves through \"" + edge.source_handle + "\", which the node has not",
        "set sourceHandle to one of: " + portList(ports));
}

void checkEdge(const GraphEdge& edge, const NodesById& nodes, std::vector<Finding>& findings) {
    for (const auto* end : {&edge.source, &edge.target}) {
        if (nodes.contains(*end)) continue;
        add(findings, "missing_endpoint", edge,
            end->empty() ? std::string("has no ") + (end == &edge.source ? "source" : "target")
                         : "refers to node \"" + *end + "\", which does not exist",
            "remove the edge or connect it to an existing node");
        return;
    }
    const GraphNode& target = *nodes.at(edge.target);
    const NodeType* target_type = findNodeType(target.type);
    if (target_type != nullptr && target_type->isTrigger()) {
        add(findings, "edge_into_trigger", edge,
            "leads into the trigger \"" + target.id + "\", which only events start",
            "lead it to the node behind the trigger");
    }
    checkHandle(edge, *nodes.at(edge.source), findings);
    if (const std::string condition = textAt(edge.data, "condition"); !condition.empty()) {
        const auto made = Expression::compile(condition);
        if (!made)
            add(findings, "bad_expression", edge, "condition: " + made.error().message,
                "correct the condition");
    }
}

// Nodes that are inside themselves, or inside of one that is. Each way up is gone once.
std::unordered_set<const GraphNode*> inCycles(const Graph& graph, const NodesById& nodes) {
    std::unordered_set<const GraphNode*> seen, out;
    for (const auto& node : graph.nodes) {
        std::vector<const GraphNode*> way;
        std::unordered_set<const GraphNode*> here;
        const GraphNode* at = &node;
        while (at != nullptr && seen.insert(at).second) {
            way.push_back(at);
            here.insert(at);
            const auto parent = at->parent.empty() ? nodes.end() : nodes.find(at->parent);
            at = parent == nodes.end() ? nullptr : parent->second;  // a group, which is no node of ours
        }
        if (at != nullptr && (here.contains(at) || out.contains(at))) out.insert(way.begin(), way.end());
    }
    return out;
}

void checkParents(const Graph& graph, const NodesById& nodes, std::vector<Finding>& findings) {
    const auto cycles = inCycles(graph, nodes);
    const std::unordered_set<std::string_view> frames(graph.frames.begin(), graph.frames.end());
    for (const auto& node : graph.nodes) {
        if (cycles.contains(&node))
            findings.push_back({"parent_cycle", Severity::Error, node.id, "",
                                "is inside itself through parentId",
                                "take one of the groups out of the other"});
        const bool is_there =
            node.parent.empty() || nodes.contains(node.parent) || frames.contains(node.parent);
        // The containers of other products may have been mapped away.
        if (is_there || graph.dialect != Dialect::Own) continue;
        findings.push_back(
            {"missing_parent", Severity::Warning, node.id, "",
             "lies in \"" + node.parent.substr(0, 100) + "\" by its parentId, which is not there",
             "put it into a loop or group that is there, or take parentId away"});
    }
}

}  // namespace

void lintStructure(const Graph& graph, std::vector<Finding>& findings) {
    NodesById nodes;
    for (const auto& node : graph.nodes) {
        if (nodes.emplace(node.id, &node).second) continue;
        findings.push_back({"duplicate_node", Severity::Error, node.id, "",
                            "two nodes have the id \"" + node.id + "\"",
                            "give one of them an id of its own"});
    }
    std::unordered_set<std::string> edge_ids;
    std::unordered_set<std::string> connections;
    for (const auto& edge : graph.edges) {
        if (!edge_ids.insert(edge.id).second) {
            add(findings, "duplicate_edge", edge, "two edges have this id",
                "give one of them an id of its own");
        }
        Json ends = {edge.source, edge.source_handle, edge.target, edge.target_handle};
        if (!connections.insert(dumpJson(ends)).second) {
            add(findings, "double_connection", edge, "connects what another edge connects already",
                "remove one of them", Severity::Warning);
        }
        checkEdge(edge, nodes, findings);
    }
    checkParents(graph, nodes, findings);
}

}  // namespace signalbox::workflow
