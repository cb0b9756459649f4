// Where a run stands, as a value: which edges were taken, what each node gave, what is waited for. Saved with
// the run while it waits; touched by one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "workflow/graph/compile.h"

namespace signalbox::workflow {

enum class RunStatus { Running, Waiting, Succeeded, Failed, Cancelled, Quarantined };
const char* toString(RunStatus status);
std::optional<RunStatus> parseRunStatus(std::string_view text);
inline bool isOver(RunStatus status) {
    return status != RunStatus::Running && status != RunStatus::Waiting;
}

// One letter each, so that a pass is saved as two short texts.
enum class NodeMark : char { Idle = 'i', Waiting = 'w', Done = 'd', Skipped = 's', Failed = 'f' };
enum class EdgeMark : char { Pending = 'p', Taken = 't', Skipped = 's' };

// Whose data a node passed on: a node's index, or one of these.
inline constexpr std::int32_t kFromTrigger = -1, kFromNobody = -2;

// One pass through the nodes of a scope. The path is empty for the workflow itself; loops will add theirs
// ("each[3]/inner[0]").
struct Pass {
    std::string path;
    std::string nodes, edges;  // marks, by index
    std::vector<std::int32_t> outputs;
};

struct WaitEntry {
    enum class Kind { Sleep, Await, Send };
    Kind kind = Kind::Sleep;
    std::uint32_t node = 0;
    std::int64_t seq = 0;            // tells the waits of a run apart; part of the run key of a Send
    std::string key;                 // of an Await
    std::optional<TimePoint> until;  // Sleep: when to go on; Await: when to give up
    TimePoint entered_at{};
};

struct RunState {
    Pass pass;
    std::vector<WaitEntry> waits;
    // {"trigger": …, "nodes": {"<id>": {"output": …}}} and what expressions of this version read besides.
    Json scope;
    std::vector<std::uint32_t> entry;  // triggers that the run has yet to be entered at
    std::int64_t next_seq = 1;
    std::int64_t executions = 0;
    std::int32_t result_node = kFromNobody;  // the last node with nothing behind it
    bool has_responded = false;
};

// Everything idle and pending; triggers not yet entered.
RunState freshState(const CompiledWorkflow& workflow, Json trigger);

// Without the trigger's data, which the run's row holds already.
std::string saveState(const RunState& state);
// Invalid when the text does not fit the version.
Result<RunState> loadState(const CompiledWorkflow& workflow, std::string_view text, Json trigger);

// The earliest time at which something happens without an event.
std::optional<TimePoint> nextWake(const RunState& state);

}  // namespace signalbox::workflow
