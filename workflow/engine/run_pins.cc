#include "workflow/engine/run_pins.h"

#include <algorithm>

namespace signalbox::workflow {
namespace {

bool isTruncated(const Json& value) {
    return flagAt(value, "truncated") && value.contains("preview");
}

class Pinning {
public:
    Pinning(const CompiledWorkflow& workflow, RunState& state, const Pins& pins,
            const std::vector<bool>& again)
        : workflow_(workflow), state_(state), pins_(pins), again_(again) {}

    Status run() {
        for (std::uint32_t i = 0; i < workflow_.nodes.size(); ++i) {
            if (again_[i]) continue;
            if (const Status done = take(i); !done) return done;
        }
        return Done{};
    }

private:
    Status take(std::uint32_t index) {
        const CompiledNode& node = workflow_.nodes[index];
        if (state_.pass.nodes[index] == static_cast<char>(NodeMark::Skipped)) {  // belongs to iterations
            for (const auto edge : node.out) state_.pass.edges[edge] = static_cast<char>(EdgeMark::Skipped);
            return Done{};
        }
        const auto pin = pins_.find(node.id);
        const bool is_done = pin != pins_.end();
        state_.pass.nodes[index] = static_cast<char>(is_done ? NodeMark::Done : NodeMark::Skipped);
        if (is_done) {
            state_.pass.outputs[index] = static_cast<std::int32_t>(index);
            state_.scope["nodes"][node.id] = {{"output", pin->second.output}};
        }
        for (const auto edge : node.out) {
            if (workflow_.edges[edge].region != 0) continue;
            auto taken = Result<bool>(false);
            if (is_done) taken = isTaken(workflow_.edges[edge], node, pin->second);
            if (!taken) return withContext("edge from " + node.id, taken.error());
            state_.pass.edges[edge] = static_cast<char>(*taken ? EdgeMark::Taken : EdgeMark::Skipped);
        }
        return Done{};
    }

    Result<bool> isTaken(const CompiledEdge& edge, const CompiledNode& node, const Pin& pin) {
        if (node.ports[edge.port] != pin.port) return false;
        if (!edge.condition) return true;
        state_.scope["item"] = pin.output;
        const auto value = edge.condition->evaluate(state_.scope);
        if (!value) return value.error();
        return isTruthy(*value);
    }

    const CompiledWorkflow& workflow_;
    RunState& state_;
    const Pins& pins_;
    const std::vector<bool>& again_;
};

}  // namespace

Pins pinsOf(const Json& entries) {
    Pins pins;
    for (const auto& entry : entries) {
        const std::string node = textAt(entry, "node");
        if (entry.contains("path")) continue;  // one of many iterations
        pins.erase(node);
        if (!entry.contains("port") || isTruncated(memberAt(entry, "output"))) continue;
        pins[node] = {textAt(entry, "port"), memberAt(entry, "output")};
    }
    return pins;
}

std::vector<bool> reachedFrom(const CompiledWorkflow& workflow, std::uint32_t node) {
    std::vector<bool> reached(workflow.nodes.size());
    std::vector<std::uint32_t> open{node};
    while (!open.empty()) {
        const auto at = open.back();
        open.pop_back();
        if (reached[at]) continue;
        reached[at] = true;
        for (const auto edge : workflow.nodes[at].out) open.push_back(workflow.edges[edge].target);
    }
    return reached;
}

Result<RunState> pinnedState(const CompiledWorkflow& workflow, Json trigger, const Pins& pins,
                             std::uint32_t from) {
    RunState state = freshState(workflow, std::move(trigger));
    const auto again = reachedFrom(workflow, from);
    if (const Status pinned = Pinning(workflow, state, pins, again).run(); !pinned) return pinned.error();
    const auto& in = workflow.nodes[from].in;
    const bool is_reached = std::any_of(in.begin(), in.end(), [&](const auto edge) {
        return state.pass.edges[edge] == static_cast<char>(EdgeMark::Taken);
    });
    if (!is_reached)
        return Error{
            ErrorKind::Conflict,
            "node " + workflow.nodes[from].id +
                " was not reached, or what came in is not kept in the history; pin the output of the "
                "node before it, or run again from the start",
            {},
            "node_not_reached"};
    return state;
}

}  // namespace signalbox::workflow
