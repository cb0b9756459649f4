#include <unordered_map>

#include "workflow/graph/graph.h"
#include "workflow/graph/node_policy.h"
#include "workflow/graph/regions.h"

namespace signalbox::workflow {

FlowShape shapeOf(const Graph& graph) {
    FlowShape shape;
    std::unordered_map<std::string_view, std::uint32_t> index;
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) index.emplace(graph.nodes[i].id, i);
    for (const auto& node : graph.nodes) {
        FlowShape::Node made;
        const NodeType* type = findNodeType(node.type);
        made.repeats = type != nullptr && type->repeats();
        if (type != nullptr) {
            if (const auto policy = readPolicy(node.data, *type); policy && *policy)
                made.max_iterations = (*policy)->max_iterations;
        }
        if (const auto parent = index.find(node.parent); parent != index.end() && node.parent != node.id)
            made.parent = parent->second;
        shape.nodes.push_back(made);
    }
    for (const auto& edge : graph.edges) {
        const auto source = index.find(edge.source), target = index.find(edge.target);
        if (source == index.end() || target == index.end()) continue;
        const bool is_each = shape.nodes[source->second].repeats && edge.source_handle == "each";
        shape.edges.push_back({source->second, target->second, is_each});
    }
    return shape;
}

}  // namespace signalbox::workflow
