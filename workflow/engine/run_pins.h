// The state of a run that goes on in the middle: some nodes are done with outputs that are given, the node it
// begins at and everything behind it has not run. For partial re-runs and for trying out one node. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "workflow/engine/run_state.h"

namespace signalbox::workflow {

struct Pin {
    std::string port;
    Json output;
};
using Pins = std::map<std::string, Pin>;  // by node id

// What the nodes of a run gave, the last time each: `entries` are those of readableJournal. Values that were
// too long for the history are left out.
Pins pinsOf(const Json& entries);

// The node and everything that edges lead to from it.
std::vector<bool> reachedFrom(const CompiledWorkflow& workflow, std::uint32_t node);

// Errors: Conflict with code node_not_reached when no taken edge leads to the node with these pins, and
// output_not_kept when the value that comes in is not among them.
Result<RunState> pinnedState(const CompiledWorkflow& workflow, Json trigger, const Pins& pins,
                             std::uint32_t from);

}  // namespace signalbox::workflow
