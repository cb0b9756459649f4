// One walk in progress: the routing (edges, joins, dead paths), the running of nodes, and loops. Used by
// step.cc only; lives on the stack of one thread. At any time one pass is worked on (`pass_`); what nodes of
// an iteration gave stands in the scope only while their pass is.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "workflow/data_size.h"
#include "workflow/engine/journal.h"
#include "workflow/engine/step.h"

namespace signalbox::workflow {

class Walker {
public:
    Walker(const CompiledWorkflow& workflow, RunState& state, const WalkContext& context);

    void enterTriggers(std::span<const std::uint32_t> triggers);
    // Takes the wait out of the state and gives the node its answer; nothing when the wait is gone.
    void resume(std::int64_t seq, const Json& data);
    // The same for a wait whose time has come.
    void expire(std::int64_t seq);
    void enterAgain();
    Walk finish();

private:
    // What goes into a node: one node's data as they are, or several put together.
    struct Input {
        std::int32_t from = kFromNobody;  // kFromNobody: `joined_` holds them
        const Json* item = nullptr;
        bool is_too_large = false;  // then it is not whole
    };
    struct Turn {
        std::int64_t pass = 0;
        std::uint32_t node = 0;
    };

    // Routing (walker_routing.cc).
    void runReady();
    void settle(std::uint32_t edge, EdgeMark mark);
    void settleJoin(std::uint32_t node, const JoinRule& join);
    void fire(std::uint32_t node, const JoinRule& join);
    void endBranches(const JoinRule& join);
    void skip(std::uint32_t node);
    void leave(std::uint32_t node, std::uint32_t port, const Json& item);
    bool holds(const CompiledEdge& edge, const Json& item);
    Input inputOf(std::uint32_t node);
    const Json& valueFrom(std::int32_t from) const;
    std::int32_t sourceOfTakenEdge(std::uint32_t node) const;

    // Running (walker.cc).
    void enter(std::uint32_t node);
    NodeInput nodeInput(std::uint32_t node, const Input& input);
    void follow(std::uint32_t node, const Input& input, Result<Outcome> outcome);
    void complete(std::uint32_t node, const Input& input, Next next);
    void keep(std::uint32_t node, std::int32_t from, Json output);
    void stop(std::uint32_t node, const Input& input, Stopped stopped);
    void answerRequest(Respond& respond);
    void record(std::uint32_t node, const Input& input, const std::string& port, const Json* output,
                const Error* error);
    bool isBeyondHistory();
    bool isOver() const { return is_failed_ || is_stopped_; }
    TimePoint journalTime() const { return context_.clock != nullptr ? context_.clock->now() : context_.now; }
    NodeMark mark(std::uint32_t node) const { return static_cast<NodeMark>(pass_->nodes[node]); }
    void setMark(std::uint32_t node, NodeMark mark);

    // What nodes wish (walker_wishes.cc). Each gives the answer to resume with at once, or nothing when the
    // node waits now.
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Sleep& sleep);
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Await& await);
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Send& send);
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Call& call);
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Act& wish);
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Spawn& spawn);
    std::optional<Result<Json>> act(std::uint32_t node, const Input& input, Repeat& repeat);
    void skipWait(const char* kind, std::optional<TimePoint> until);
    WaitEntry& waitFor(WaitEntry::Kind kind, std::uint32_t node, std::optional<TimePoint> until);
    // Waits of a node of this pass end, with what they had queued in this walk.
    void dropWaits(std::int64_t pass, std::optional<std::uint32_t> node);

    // How much the run holds (walker_size.cc). Before something is kept: an error of the node when there is
    // no room for it.
    std::optional<Error> grow(const Json& value);
    std::optional<Error> growLeaving(const Json& value);
    DataSize measure() const;

    // Errors (walker_faults.cc).
    void fault(std::uint32_t node, const Input& input, Error error);
    bool triesLater(std::uint32_t node, const Input& input, const Error& error);
    void failNode(std::uint32_t node, Error error);
    void failRun(std::string node, Error error);

    // Loops (walker_loops.cc).
    void activate(std::int64_t pass);
    Pass& passOf(std::int64_t id) { return id == 0 ? state_.pass : state_.inner.at(id); }
    bool isGone(std::int64_t id) const { return id != 0 && !state_.inner.contains(id); }
    void swapLocals(Pass& pass, bool in);
    Json loopOf(const Pass& pass);
    void assign(const Json& variables);
    void showVariables();
    void enterCycle(std::uint32_t node);
    void launch(std::uint32_t host);
    bool skipRow(std::uint32_t host, std::int64_t index, const std::string& why);
    bool isSliceOver(std::uint32_t host);
    bool refill(std::uint32_t host);
    void putAway(std::uint32_t host, Loop& loop);
    void beginPass(std::uint32_t host, std::int64_t index, Json item);
    void endPasses();
    void endPass(std::int64_t id);
    void repeatCycle(std::uint32_t host, std::int64_t made, Json item);
    void leaveCycle(std::uint32_t host, std::vector<std::pair<std::uint32_t, Json>> exits, Json result);
    void failPass(std::int64_t id, std::uint32_t node, Error error);
    void finishLoop(std::uint32_t host);
    void failLoop(std::uint32_t host, Error error);
    void dropPasses(std::int64_t parent, std::uint32_t host);
    void dropPass(std::int64_t id);
    Result<Json> resultOf(const Pass& pass);

    const CompiledWorkflow& workflow_;
    RunState& state_;
    const WalkContext& context_;
    Journal journal_;
    Walk walk_;
    bool is_failed_ = false, is_stopped_ = false;
    bool shows_inner_variables_ = false, has_changed_variables_ = false;
    std::int64_t slice_start_;  // node executions when the walk began
    DataSize held_, leaving_;   // at least what the run holds; of it, what this walk sends and starts
    std::size_t next_bytes_ = kMaxRunBytes, next_values_ = kMaxRunValues;  // when it is measured anew
    Pass* pass_;
    std::deque<Turn> ready_, dead_;   // nodes to enter, nodes to skip
    std::deque<std::int64_t> ended_;  // passes with nothing left to do
    TimePoint entered_at_{};          // the node that runs now
    Json joined_;                     // the input of a join
    Json logs_, request_, skipped_;   // of the node that runs now, for the history
};

}  // namespace signalbox::workflow
