// Waits that outlive the run: what is certain at publishing is said there, not after a day.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "workflow/graph/compile.h"
#include "workflow/graph/lint.h"

namespace signalbox::workflow {
namespace {

constexpr double kYear = 366.0 * 24 * 3600;

// Seconds that a node waits for certain; an expression tells nothing here. A point of time is as far as it is
// now, which is enough for one that is years away.
double certainWait(const GraphNode& node, std::optional<TimePoint> now) {
    if (node.type != "wait" || node.is_disabled) return 0;
    if (const auto until = parseRfc3339(textAt(node.data, "until")); until && now)
        return std::max(0.0, std::chrono::duration<double>(*until - *now).count());
    const Json& seconds = memberAt(node.data, "seconds");
    if (seconds.is_number()) return std::max(0.0, seconds.get<double>());
    if (!seconds.is_string()) return 0;
    const std::string& text = seconds.get_ref<const std::string&>();
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    return text.empty() || *end != '\0' || !std::isfinite(value) ? 0 : std::max(0.0, value);
}

// The longest certain wait up to each node, itself included; nodes on a cycle are left out.
class LongestWait {
public:
    LongestWait(const Graph& graph, std::optional<TimePoint> now)
        : graph_(graph), until_(graph.nodes.size(), 0) {
        std::unordered_map<std::string, std::size_t> index;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) index.emplace(graph.nodes[i].id, i);
        std::vector<std::vector<std::size_t>> next(graph.nodes.size());
        std::vector<std::size_t> open_inputs(graph.nodes.size(), 0);
        for (const auto& edge : graph.edges) {
            const auto source = index.find(edge.source), target = index.find(edge.target);
            if (source == index.end() || target == index.end()) continue;
            next[source->second].push_back(target->second);
            ++open_inputs[target->second];
        }
        std::vector<std::size_t> ready;
        for (std::size_t i = 0; i < open_inputs.size(); ++i) {
            if (open_inputs[i] == 0) ready.push_back(i);
        }
        while (!ready.empty()) {
            const std::size_t node = ready.back();
            ready.pop_back();
            until_[node] += certainWait(graph.nodes[node], now);
            for (const auto target : next[node]) {
                until_[target] = std::max(until_[target], until_[node]);
                if (--open_inputs[target] == 0) ready.push_back(target);
            }
        }
    }
    double until(std::size_t node) const { return until_[node]; }

private:
    const Graph& graph_;
    std::vector<double> until_;
};

}  // namespace

void lintWaits(const Graph& graph, std::optional<TimePoint> now, std::vector<Finding>& findings) {
    const auto deadline = static_cast<double>(deadlineOf(graph).count());
    const LongestWait waits(graph, now);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const double own = certainWait(graph.nodes[i], now);
        // A run may begin shortly before a point of time, unless that is years away.
        const bool is_until = graph.nodes[i].data.contains("until");
        const bool is_certain = own >= (is_until ? deadline + kYear : deadline);
        if (own == 0 || (!is_certain && waits.until(i) < deadline)) continue;
        findings.push_back(
            {"wait_beyond_deadline", is_certain ? Severity::Error : Severity::Warning, graph.nodes[i].id, "",
             std::string(is_certain ? "waits" : "waits, with the waits before it,") +
                 " longer than a run may last (" + std::to_string(deadlineOf(graph).count()) + " s)",
             "raise settings.deadline_s of the graph, or wait less",
             !is_certain ? "data"
             : is_until  ? "data.until"
                         : "data.seconds"});
    }
}

}  // namespace signalbox::workflow
