// One walk in progress: the routing (edges, joins, dead paths) and the running of nodes. Used by step.cc
// only; lives on the stack of one thread.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "workflow/engine/journal.h"
#include "workflow/engine/step.h"

namespace signalbox::workflow {

class Walker {
public:
    Walker(const CompiledWorkflow& workflow, RunState& state, const WalkContext& context);

    void enterTriggers(std::span<const std::uint32_t> triggers);
    // Takes the wait out of the state and gives the node its answer.
    void resume(const WaitEntry& wait, const Json& data);
    void enterAgain();
    Walk finish();

private:
    // What goes into a node: one node's data as they are, or several put together.
    struct Input {
        std::int32_t from = kFromNobody;  // kFromNobody: `joined` holds them
        const Json* item = nullptr;
    };

    // Routing (walker_routing.cc).
    void runReady();
    void settle(std::uint32_t edge, EdgeMark mark);
    void skip(std::uint32_t node);
    void leave(std::uint32_t node, std::uint32_t port, const Json& item);
    bool holds(const CompiledEdge& edge, const Json& item);
    Input inputOf(std::uint32_t node);
    const Json& valueFrom(std::int32_t from) const;
    std::int32_t sourceOfTakenEdge(std::uint32_t node) const;

    // Running (walker.cc).
    void enter(std::uint32_t node);
    NodeInput nodeInput(std::uint32_t node, const Input& input);
    void follow(std::uint32_t node, const Input& input, Result<Outcome> outcome, TimePoint started);
    void complete(std::uint32_t node, const Input& input, Next next, TimePoint started);
    void fault(std::uint32_t node, const Input& input, Error error, TimePoint started);
    void failRun(std::string node, Error error);
    // Each gives the answer to resume with at once, or nothing when the node waits now.
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Sleep& sleep);
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Await& await);
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Send& send);
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Call& call);
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Act& wish);
    void waitFor(WaitEntry wait);
    void answerRequest(Respond& respond);
    void record(std::uint32_t node, const Input& input, const std::string& port, const Json* output,
                const Error* error, TimePoint started);

    TimePoint journalTime() const { return context_.clock != nullptr ? context_.clock->now() : context_.now; }
    NodeMark mark(std::uint32_t node) const { return static_cast<NodeMark>(state_.pass.nodes[node]); }
    void setMark(std::uint32_t node, NodeMark mark) { state_.pass.nodes[node] = static_cast<char>(mark); }

    const CompiledWorkflow& workflow_;
    RunState& state_;
    const WalkContext& context_;
    Journal journal_;
    Walk walk_;
    bool is_failed_ = false;
    std::deque<std::uint32_t> ready_, dead_;      // nodes to enter, nodes to skip
    std::vector<std::uint32_t> pending_, taken_;  // incoming edges of each node in these states
    Json joined_;                                 // the input of a join
    Json logs_, request_;                         // of the node that runs now, for the history
};

}  // namespace signalbox::workflow
