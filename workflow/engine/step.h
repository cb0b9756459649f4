// The pure heart of the engine: takes a run's state and what happened, goes from node to node until
// everything waits or the run is over, and gives back what is to be stored and done. No database, no network;
// time and randomness come in as recorded values, so the same input gives the same walk. Called by the
// workers; one thread at a time for each run.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_message.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "workflow/engine/redactor.h"
#include "workflow/engine/run_state.h"
#include "workflow/graph/compile.h"
#include "workflow/lua/lua_runner.h"

namespace signalbox {
class Tx;
}

namespace signalbox::workflow {

struct RunRow;
class RowSource;

// Something for the outbox, written in the walk's commit.
struct Effect {
    std::string node;
    std::string run_key;          // comes back with the receipt: "<run id>/<node>#<seq>"
    std::string idempotency_key;  // the same whenever this node run is repeated
    Json request;
    std::int64_t seq = 0;              // of the wait for its receipt; 0: nobody waits
    std::function<void(Tx&)> enqueue;  // set by `prepare_effect`
};

// A change of the hub, made in the walk's commit.
struct Action {
    std::string node, path;
    std::string idempotency_key;
    Json request, output;
    std::function<void(Tx&)> apply;  // with `output` set by `prepare_action`
};

// A run of another workflow, begun in the walk's commit.
struct Child {
    std::string run_key;  // of the node that starts it: one child for it, however often it is repeated
    std::string workflow;
    Json input;
    bool is_awaited = true;
    std::int64_t seq = 0;         // of the wait for its end; 0: nobody waits
    Id run = 0;                   // set by `prepare_child`, like the next
    std::shared_ptr<RunRow> row;  // written in the walk's commit, then announced
};

struct WalkContext {
    Id run = 0;
    bool is_dry = false;
    TimePoint now{};               // recorded time of the walk
    TimePoint started_at{};        // of the run
    const Clock* clock = nullptr;  // for the times in the history only; null: all at `now`
    LuaRunner* lua = nullptr;
    RowSource* rows = nullptr;
    const Redactor* redactor = nullptr;
    const Json* env = nullptr;
    // Makes a request ready for the outbox; its refusal (an unknown account) is the node's error. May be
    // empty.
    std::function<Status(Effect&)> prepare_effect;
    // Sets the action's output and change. Empty: no kind is known.
    std::function<Status(Action&)> prepare_action;
    // Finds the workflow and makes its run ready.
    std::function<Status(Child&)> prepare_child;
};

// Results of a long loop, written away in the walk's commit.
struct Spill {
    std::string loop;  // its node with the loops around it: "outer[1]/rows"
    std::int64_t first_index = 0;
    std::string results;  // JSON, redacted
};

struct Walk {
    RunStatus status = RunStatus::Waiting;
    std::string journal = "[]";
    std::vector<Effect> effects;
    std::vector<std::function<void(Tx&)>> changes;  // of actions, in their order
    std::vector<Child> children;
    std::vector<std::int64_t> orphans;  // waits for children that nobody waits for any more
    std::vector<Spill> spills;
    std::optional<HttpResponse> response;
    std::string result;          // JSON text, redacted; "" unless succeeded
    std::optional<Error> error;  // why it failed
    std::string failed_node;
};

// A run begins at these triggers; all others are dead ends.
Walk begin(const CompiledWorkflow& workflow, RunState& state, std::span<const std::uint32_t> triggers,
           const WalkContext& context);
// The answer that the wait `seq` was for. Nothing when nobody waits for it (any more).
std::optional<Walk> answer(const CompiledWorkflow& workflow, RunState& state, std::int64_t seq,
                           const Json& data, const WalkContext& context);
// Goes on with every wait that is due. Nothing when none is.
std::optional<Walk> wake(const CompiledWorkflow& workflow, RunState& state, const WalkContext& context);
// Enters the failed and the interrupted nodes again, with all earlier outputs as they were.
Walk again(const CompiledWorkflow& workflow, RunState& state, const WalkContext& context);
// Ends the run: its deadline has passed, for example.
Walk fail(RunState& state, Error error);

// "<run id>/<node>#<seq>" and back.
std::string runKey(Id run, const std::string& node, std::int64_t seq);
struct RunKey {
    Id run = 0;
    std::string node;
    std::int64_t seq = 0;
};
std::optional<RunKey> parseRunKey(std::string_view text);
// base32(SHA-256(org, run, node, scope path, seq)), 26 characters.
std::string idempotencyKey(Id org, Id run, const std::string& node, const std::string& path,
                           std::int64_t seq);

}  // namespace signalbox::workflow
