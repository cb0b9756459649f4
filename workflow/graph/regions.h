// Which parts of a graph are repeated, and by whom. A loop node repeats what hangs on its port "each" (or has
// it as parent); a node with max_iterations is where a cycle of edges begins anew. Each repeated part is a
// region; regions nest and never overlap. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::workflow {

struct FlowShape {
    struct Node {
        bool repeats = false;             // a loop node
        std::int64_t max_iterations = 0;  // of a node that a cycle may come back to
        std::int64_t parent = -1;         // parentId
    };
    struct Edge {
        std::uint32_t source = 0, target = 0;
        bool is_each = false;  // leaves a loop node through "each"
    };
    std::vector<Node> nodes;
    std::vector<Edge> edges;
};

struct Region {
    std::uint32_t host = 0;    // the loop node, or the node that the cycle comes back to
    std::uint32_t parent = 0;  // region
    bool is_cycle = false;     // the host is repeated itself
    std::vector<std::uint32_t> nodes;
};

// Plain: settled where it is. Back: leads to the host of its region, and is no input. Exit: leaves a cycle.
enum class EdgeRole : std::uint8_t { Plain, Back, Exit };

struct RegionFault {
    std::string code;
    std::uint32_t node = 0;
    std::string message, remedy;
};

struct Regions {
    std::vector<Region> all{Region{}};      // the first is the whole workflow
    std::vector<std::uint32_t> node, edge;  // the region of each
    std::vector<EdgeRole> role;             // of each edge
    std::vector<std::uint32_t> hosted;      // by each node; 0: none
    std::vector<RegionFault> faults;        // when there are any, the rest means nothing
};

Regions findRegions(const FlowShape& shape);

// The shape of a graph: nodes in its order; edges in its order without those that miss an end.
struct Graph;
FlowShape shapeOf(const Graph& graph);

}  // namespace signalbox::workflow
