#include "workflow/graph/regions.h"

#include <algorithm>

namespace signalbox::workflow {
namespace {

struct Found {
    std::uint32_t host = 0;
    bool is_cycle = false;
    std::vector<bool> body;
    std::size_t size = 0;
};

class Finder {
public:
    explicit Finder(const FlowShape& shape) : shape_(shape), out_(shape.nodes.size()) {
        for (std::uint32_t i = 0; i < shape.edges.size(); ++i) out_[shape.edges[i].source].push_back(i);
    }

    Regions run() {
        for (std::uint32_t i = 0; i < shape_.nodes.size(); ++i) {
            if (shape_.nodes[i].repeats) addLoop(i);
        }
        is_cut_.assign(shape_.edges.size(), false);
        for (const auto& loop : found_) cutBackEdges(loop);
        while (regions_.faults.empty() && addCycles()) {
        }
        if (regions_.faults.empty()) arrange();
        return std::move(regions_);
    }

private:
    void fault(const char* code, std::uint32_t node, const char* message, const char* remedy) {
        regions_.faults.push_back({code, node, message, remedy});
    }

    // Everything behind "each" and the children, up to the loop node itself.
    void addLoop(std::uint32_t host) {
        Found loop{host, false, std::vector<bool>(shape_.nodes.size()), 0};
        std::vector<std::uint32_t> open;
        for (const auto edge : out_[host]) {
            if (shape_.edges[edge].is_each) open.push_back(shape_.edges[edge].target);
        }
        for (std::uint32_t i = 0; i < shape_.nodes.size(); ++i) {
            if (shape_.nodes[i].parent == static_cast<std::int64_t>(host)) open.push_back(i);
        }
        while (!open.empty()) {
            const auto node = open.back();
            open.pop_back();
            if (node == host || loop.body[node]) continue;
            loop.body[node] = true;
            ++loop.size;
            for (const auto edge : out_[node]) open.push_back(shape_.edges[edge].target);
        }
        for (const auto& edge : shape_.edges) {
            const bool is_entry = edge.source == host && edge.is_each;
            if (!loop.body[edge.target] || loop.body[edge.source] || is_entry) continue;
            fault("loop_entered_sideways", edge.target,
                  "is repeated by a loop, but an edge from outside of the loop leads to it too",
                  "lead that edge to the loop node, or go on behind the loop through its port \"done\"");
            return;
        }
        found_.push_back(std::move(loop));
    }

    void cutBackEdges(const Found& region) {
        for (std::uint32_t i = 0; i < shape_.edges.size(); ++i) {
            const auto& edge = shape_.edges[i];
            if (edge.target == region.host && region.body[edge.source]) is_cut_[i] = true;
        }
    }

    // False: there is none (any more).
    bool addCycles() {
        const auto component = components();
        std::vector<std::vector<std::uint32_t>> members(shape_.nodes.size());
        for (std::uint32_t i = 0; i < shape_.nodes.size(); ++i) members[component[i]].push_back(i);
        bool has_any = false;
        for (const auto& nodes : members) {
            if (nodes.empty() || !isCycle(nodes, component)) continue;
            has_any = true;
            addCycle(nodes);
        }
        return has_any;
    }

    bool isCycle(const std::vector<std::uint32_t>& nodes, const std::vector<std::uint32_t>& component) const {
        for (const auto node : nodes) {
            for (const auto edge : out_[node]) {
                if (!is_cut_[edge] && component[shape_.edges[edge].target] == component[node]) return true;
            }
        }
        return false;
    }

    void addCycle(const std::vector<std::uint32_t>& nodes) {
        Found cycle{nodes.front(), true, std::vector<bool>(shape_.nodes.size()), nodes.size()};
        for (const auto node : nodes) cycle.body[node] = true;
        std::vector<std::uint32_t> entered;
        for (std::uint32_t i = 0; i < shape_.edges.size(); ++i) {
            const auto& edge = shape_.edges[i];
            if (!is_cut_[i] && cycle.body[edge.target] && !cycle.body[edge.source])
                entered.push_back(edge.target);
        }
        const auto limited = [&](std::uint32_t node) { return shape_.nodes[node].max_iterations > 0; };
        auto host = std::find_if(entered.begin(), entered.end(), limited);
        const auto any = std::find_if(nodes.begin(), nodes.end(), limited);
        if (host == entered.end() && any == nodes.end()) {
            for (const auto node : nodes) {
                fault("unbounded_loop", node, "is part of a cycle of edges that nothing bounds",
                      "use a loop node, set max_iterations on the node that the cycle comes back to, or "
                      "remove the edge that leads back");
            }
            return;
        }
        cycle.host = host == entered.end() ? *any : *host;
        for (const auto node : entered) {
            if (node == cycle.host) continue;
            fault(
                "cycle_entered_sideways", node,
                "is part of a cycle, but an edge from outside leads to it past the node with max_iterations",
                "lead that edge to the node with max_iterations");
            return;
        }
        cutBackEdges(cycle);
        found_.push_back(std::move(cycle));
    }

    // Tarjan's strongly connected components over the edges that are not cut, without recursion.
    std::vector<std::uint32_t> components() const {
        const auto count = static_cast<std::uint32_t>(shape_.nodes.size());
        constexpr std::uint32_t kNone = 0xffffffff;
        std::vector<std::uint32_t> number(count, kNone), low(count), component(count, kNone), stack;
        std::vector<std::pair<std::uint32_t, std::size_t>> calls;
        std::uint32_t next = 0, components = 0;
        for (std::uint32_t root = 0; root < count; ++root) {
            if (number[root] != kNone) continue;
            calls.emplace_back(root, 0);
            while (!calls.empty()) {
                auto& [node, at] = calls.back();
                if (at == 0) {
                    number[node] = low[node] = next++;
                    stack.push_back(node);
                }
                if (at < out_[node].size()) {
                    const auto edge = out_[node][at++];
                    const auto target = shape_.edges[edge].target;
                    if (is_cut_[edge]) continue;
                    if (number[target] == kNone) {
                        calls.emplace_back(target, 0);
                    } else if (component[target] == kNone) {
                        low[node] = std::min(low[node], number[target]);
                    }
                    continue;
                }
                const auto done = node;
                if (low[done] == number[done]) {
                    for (std::uint32_t member = kNone; member != done;) {
                        member = stack.back();
                        stack.pop_back();
                        component[member] = components;
                    }
                    ++components;
                }
                calls.pop_back();
                if (!calls.empty()) low[calls.back().first] = std::min(low[calls.back().first], low[done]);
            }
        }
        return component;
    }

    // A node belongs to the smallest region around it, a cycle before a loop of the same nodes.
    void arrange() {
        std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
            return a.size != b.size ? a.size < b.size : a.is_cycle && !b.is_cycle;
        });
        regions_.node.assign(shape_.nodes.size(), 0);
        regions_.hosted.assign(shape_.nodes.size(), 0);
        for (std::uint32_t i = 0; i < found_.size(); ++i) {
            regions_.all.push_back({found_[i].host, 0, found_[i].is_cycle, {}});
            regions_.hosted[found_[i].host] = i + 1;
        }
        for (std::uint32_t node = 0; node < shape_.nodes.size(); ++node) {
            regions_.node[node] = smallestAround(node, 0);
        }
        for (std::uint32_t i = 1; i < regions_.all.size(); ++i) {
            regions_.all[i].parent = smallestAround(regions_.all[i].host, i);
        }
        for (std::uint32_t node = 0; node < shape_.nodes.size(); ++node) {
            regions_.all[regions_.node[node]].nodes.push_back(node);
            const auto hosted = regions_.hosted[node];
            if (hosted != 0 && regions_.all[hosted].is_cycle)
                regions_.all[regions_.all[hosted].parent].nodes.push_back(node);
        }
        for (const auto& edge : shape_.edges) arrange(edge);
    }

    std::uint32_t smallestAround(std::uint32_t node, std::uint32_t except) const {
        for (std::uint32_t i = 0; i < found_.size(); ++i) {
            if (i + 1 != except && found_[i].body[node]) return i + 1;
        }
        return 0;
    }

    void arrange(const FlowShape::Edge& edge) {
        const auto hosted = regions_.hosted[edge.target];
        const bool is_back = hosted != 0 && found_[hosted - 1].body[edge.source];
        const bool is_from_outside = hosted != 0 && regions_.all[hosted].is_cycle && !is_back;
        std::uint32_t region = regions_.node[edge.target];
        if (is_back) region = hosted;
        if (is_from_outside) region = regions_.all[hosted].parent;
        bool is_around = false;  // the edge's region is that of its source, or inside of it
        for (auto at = region;; at = regions_.all[at].parent) {
            is_around = is_around || at == regions_.node[edge.source];
            if (at == 0) break;
        }
        regions_.edge.push_back(region);
        regions_.role.push_back(is_back ? EdgeRole::Back : is_around ? EdgeRole::Plain : EdgeRole::Exit);
    }

    const FlowShape& shape_;
    std::vector<std::vector<std::uint32_t>> out_;
    std::vector<bool> is_cut_;
    std::vector<Found> found_;
    Regions regions_;
};

}  // namespace

Regions findRegions(const FlowShape& shape) {
    return Finder(shape).run();
}

}  // namespace signalbox::workflow
