// The edge is the unit of routing: pending, taken or skipped. A node is ready when none of its edges is
// pending and at least one was taken; when all were skipped it is skipped itself, and so are its edges.
#include "workflow/engine/walker.h"

namespace signalbox::workflow {

void Walker::settle(std::uint32_t edge, EdgeMark mark) {
    char& current = state_.pass.edges[edge];
    if (current != static_cast<char>(EdgeMark::Pending)) return;
    current = static_cast<char>(mark);
    const std::uint32_t target = workflow_.edges[edge].target;
    --pending_[target];
    if (mark == EdgeMark::Taken) ++taken_[target];
    if (pending_[target] > 0 || this->mark(target) != NodeMark::Idle) return;
    (taken_[target] > 0 ? ready_ : dead_).push_back(target);
}

void Walker::skip(std::uint32_t node) {
    setMark(node, NodeMark::Skipped);
    for (const auto edge : workflow_.nodes[node].out) settle(edge, EdgeMark::Skipped);
}

void Walker::leave(std::uint32_t node, std::uint32_t port, const Json& item) {
    bool goes_on = false;
    for (const auto index : workflow_.nodes[node].out) {
        const CompiledEdge& edge = workflow_.edges[index];
        const bool is_taken = edge.port == port && holds(edge, item);
        if (is_failed_) return;
        goes_on = goes_on || is_taken;
        settle(index, is_taken ? EdgeMark::Taken : EdgeMark::Skipped);
    }
    if (!goes_on) state_.result_node = static_cast<std::int32_t>(node);
}

bool Walker::holds(const CompiledEdge& edge, const Json& item) {
    if (!edge.condition) return true;
    state_.scope["item"] = item;
    const auto value = edge.condition->evaluate(state_.scope);
    if (value) return isTruthy(*value);
    const std::string& node = workflow_.nodes[edge.source].id;
    failRun(node, withContext("condition of an edge of " + node, value.error()));
    return false;
}

// Dead paths first: a join is ready only when all its edges are known.
void Walker::runReady() {
    while (!is_failed_ && (!dead_.empty() || !ready_.empty())) {
        auto& queue = dead_.empty() ? ready_ : dead_;
        const std::uint32_t node = queue.front();
        queue.pop_front();
        if (&queue == &dead_) {
            skip(node);
        } else {
            enter(node);
        }
    }
}

const Json& Walker::valueFrom(std::int32_t from) const {
    if (from == kFromTrigger) return memberAt(state_.scope, "trigger");
    static const Json kNothing;
    if (from < 0) return kNothing;
    const auto& id = workflow_.nodes[static_cast<std::size_t>(from)].id;
    return memberAt(memberAt(memberAt(state_.scope, "nodes"), id), "output");
}

std::int32_t Walker::sourceOfTakenEdge(std::uint32_t node) const {
    for (const auto edge : workflow_.nodes[node].in) {
        if (state_.pass.edges[edge] == static_cast<char>(EdgeMark::Taken)) {
            return state_.pass.outputs[workflow_.edges[edge].source];
        }
    }
    return kFromTrigger;
}

Walker::Input Walker::inputOf(std::uint32_t index) {
    const CompiledNode& node = workflow_.nodes[index];
    const bool is_join = taken_[index] > 1;
    if (is_join || node.reads_inputs) {
        joined_ = Json::object();
        for (const auto edge : node.in) {
            if (state_.pass.edges[edge] != static_cast<char>(EdgeMark::Taken)) continue;
            joined_[workflow_.edges[edge].input] =
                valueFrom(state_.pass.outputs[workflow_.edges[edge].source]);
        }
        if (node.reads_inputs) state_.scope["inputs"] = joined_;
    }
    if (is_join) {
        if (node.reads_item) state_.scope["item"] = joined_;
        return {kFromNobody, &joined_};
    }
    const std::int32_t from = sourceOfTakenEdge(index);
    if (!node.reads_item) return {from, &valueFrom(from)};
    state_.scope["item"] = valueFrom(from);
    return {from, &state_.scope["item"]};
}

}  // namespace signalbox::workflow
