// The edge is the unit of routing: pending, taken or skipped. A node is ready when none of its edges is
// pending and at least one was taken (its join rule may say otherwise); when all were skipped it is skipped
// itself, and so are its edges.
#include <algorithm>

#include "workflow/engine/walker.h"

namespace signalbox::workflow {

void Walker::settle(std::uint32_t index, EdgeMark mark) {
    const CompiledEdge& edge = workflow_.edges[index];
    char& current = pass_->edges[index];
    if (current != static_cast<char>(EdgeMark::Pending)) return;
    if (edge.role == EdgeRole::Back) {
        current = static_cast<char>(mark);
        if (mark == EdgeMark::Taken) pass_->back = pass_->outputs[edge.source];
        return;
    }
    const std::uint32_t target = edge.target;
    const bool is_idle = this->mark(target) == NodeMark::Idle;
    --pass_->pending[target];
    if (mark == EdgeMark::Taken) {
        if (is_idle) {
            ++pass_->taken[target];
        } else {
            mark = EdgeMark::Late;
        }
    }
    current = static_cast<char>(mark);
    if (!is_idle) return;
    const auto& policy = workflow_.nodes[target].policy;
    if (policy && !policy->join.isPlain()) return settleJoin(target, policy->join);
    if (pass_->pending[target] > 0) return;
    (pass_->taken[target] > 0 ? ready_ : dead_).push_back({pass_->id, target});
}

void Walker::settleJoin(std::uint32_t node, const JoinRule& join) {
    const std::uint32_t taken = pass_->taken[node];
    const bool is_known = pass_->pending[node] == 0;
    if (is_known && taken == 0) return dead_.push_back({pass_->id, node});
    const std::uint32_t needed = join.mode == JoinRule::Mode::Count ? join.count : 1;
    const bool is_met = join.mode == JoinRule::Mode::All ? is_known : taken >= needed;
    if (is_met || is_known) return fire(node, join);
    if (!join.timeout || taken == 0) return;
    const bool has_timer = std::any_of(state_.waits.begin(), state_.waits.end(), [&](const WaitEntry& wait) {
        return wait.pass == pass_->id && wait.node == node;
    });
    if (has_timer) return;
    waitFor(WaitEntry::Kind::Join, node, context_.now + *join.timeout).entered_at = context_.now;
}

void Walker::fire(std::uint32_t node, const JoinRule& join) {
    setMark(node, NodeMark::Ready);
    dropWaits(pass_->id, node);
    if (join.mode == JoinRule::Mode::First) endBranches(join);
    ready_.push_back({pass_->id, node});
}

// The other branches of a `join: first`: what can only lead there has nothing to wait for any more.
void Walker::endBranches(const JoinRule& join) {
    for (const auto node : join.only_here) {
        const NodeMark current = mark(node);
        if (current != NodeMark::Idle && current != NodeMark::Ready && current != NodeMark::Waiting) continue;
        dropWaits(pass_->id, node);
        dropPasses(pass_->id, node);
        skip(node);
    }
}

void Walker::skip(std::uint32_t node) {
    setMark(node, NodeMark::Skipped);
    for (const auto edge : workflow_.nodes[node].out) {
        // The rest is settled by the passes that it lies in.
        if (workflow_.edges[edge].region == pass_->region) settle(edge, EdgeMark::Skipped);
    }
    const auto hosted = workflow_.nodes[node].hosts;
    if (hosted == 0 || hosted == pass_->region || !workflow_.regions[hosted].is_cycle) return;
    for (const auto edge : workflow_.regionExits(hosted)) {
        if (workflow_.edges[edge].region == pass_->region) settle(edge, EdgeMark::Skipped);
    }
}

void Walker::leave(std::uint32_t node, std::uint32_t port, const Json& item) {
    bool goes_on = false;
    for (const auto index : workflow_.nodes[node].out) {
        const CompiledEdge& edge = workflow_.edges[index];
        const bool is_elsewhere = edge.region != pass_->region;
        if (is_elsewhere && edge.role != EdgeRole::Exit) continue;  // "each": its passes settle it
        const bool is_taken = edge.port == port && holds(edge, item);
        if (is_failed_) return;
        goes_on = goes_on || is_taken;
        if (!is_elsewhere) {
            settle(index, is_taken ? EdgeMark::Taken : EdgeMark::Skipped);
        } else if (is_taken) {
            pass_->exits.push_back(index);
        }
    }
    if (!goes_on) pass_->result_node = static_cast<std::int32_t>(node);
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
    while (!isOver()) {
        if (!ended_.empty() && dead_.empty()) {
            endPasses();
            continue;
        }
        auto& queue = dead_.empty() ? ready_ : dead_;
        if (queue.empty()) return;
        const Turn turn = queue.front();
        const bool is_dead = &queue == &dead_;
        queue.pop_front();
        if (isGone(turn.pass)) continue;
        activate(turn.pass);
        const NodeMark current = mark(turn.node);
        if (current != NodeMark::Idle && current != NodeMark::Ready) continue;
        if (is_dead) {
            skip(turn.node);
        } else {
            enter(turn.node);
        }
    }
}

const Json& Walker::valueFrom(std::int32_t from) const {
    if (from == kFromTrigger) return memberAt(state_.scope, "trigger");
    if (from == kFromPass) return pass_->item;
    static const Json kNothing;
    if (from < 0) return kNothing;
    const auto& id = workflow_.nodes[static_cast<std::size_t>(from)].id;
    return memberAt(memberAt(memberAt(state_.scope, "nodes"), id), "output");
}

std::int32_t Walker::sourceOfTakenEdge(std::uint32_t node) const {
    for (const auto edge : workflow_.nodes[node].in) {
        if (workflow_.edges[edge].role == EdgeRole::Back) continue;
        if (pass_->edges[edge] == static_cast<char>(EdgeMark::Taken)) {
            return pass_->outputs[workflow_.edges[edge].source];
        }
    }
    return pass_->id == 0 ? kFromTrigger : kFromPass;
}

Walker::Input Walker::inputOf(std::uint32_t index) {
    const CompiledNode& node = workflow_.nodes[index];
    const bool is_join = pass_->taken[index] > 1;
    if (is_join || node.reads_inputs) {
        joined_ = Json::object();
        DataSize size;
        Json order = Json::array();  // of the edges in the export
        for (const auto edge : node.in) {
            if (workflow_.edges[edge].role == EdgeRole::Back ||
                pass_->edges[edge] != static_cast<char>(EdgeMark::Taken)) {
                continue;
            }
            order.push_back(workflow_.edges[edge].input);
            const Json& value = valueFrom(pass_->outputs[workflow_.edges[edge].source]);
            size += DataSize::of(value);
            if (!size.isWithin(kMaxRunBytes, kMaxRunValues)) return {kFromNobody, &joined_, true};
            joined_[workflow_.edges[edge].input] = value;
        }
        if (node.reads_inputs) {
            state_.scope["inputs"] = joined_;
            state_.scope["input_order"] = std::move(order);
        }
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
