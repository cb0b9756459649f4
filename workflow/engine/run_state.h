// Where a run stands, as a value: which edges were taken, what each node gave, what is waited for. Saved with
// the run while it waits; touched by one thread at a time.
#pragma once

#include <cstdint>
#include <map>
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

// One letter each, so that a pass is saved as two short texts. Ready: a join that has fired and is not
// entered yet. Late: taken, after the join had fired without it.
enum class NodeMark : char {
    Idle = 'i',
    Ready = 'r',
    Waiting = 'w',
    Done = 'd',
    Skipped = 's',
    Failed = 'f'
};
enum class EdgeMark : char { Pending = 'p', Taken = 't', Late = 'l', Skipped = 's' };

// Whose data a node passed on: a node's index, or one of these. kFromPass: what the pass was begun with.
inline constexpr std::int32_t kFromTrigger = -1, kFromNobody = -2, kFromPass = -3;

// The attempts of a node that failed and will be tried again.
struct Try {
    std::int64_t made = 0;
    TimePoint first_at{};
};

// A loop node at work: what it repeats, and what came of it so far.
struct Loop {
    Json items, results, errors;  // arrays; `items` may hold null where an item is not needed any more
    std::int64_t next = 0, running = 0;
    std::int64_t first_index = 0;  // of the first item, for paths and for `loop.index`
    std::int64_t concurrency = 1;
    OnItemError on_error = OnItemError::Stop;
    bool passes_on = false;
    TimePoint started_at{};
    std::int64_t failed = 0;
    // Of a loop over a source: `items` is the piece at hand. What came of earlier pieces is in `kept`, or was
    // written away.
    Json source, kept = Json::array();
    std::int64_t count = 0;  // of earlier pieces
    bool spills = false;
};

// One pass through the nodes of a region. The path is empty for the workflow itself; inside of loops it says
// which iteration of which loop node: "each[3]/inner[0]".
struct Pass {
    std::int64_t id = 0;      // 0: the workflow itself
    std::int64_t parent = 0;  // the pass that its loop node runs in
    std::uint32_t region = 0;
    std::int64_t index = 0;  // of the iteration
    std::string path;
    std::string nodes, edges;  // marks, by index
    std::vector<std::int32_t> outputs;
    std::int32_t result_node = kFromNobody;  // the last node with nothing behind it
    // Of iterations only:
    Json item;                         // what it was begun with
    Json locals = Json::object();      // outputs of its nodes, while another pass is worked on
    std::int32_t back = kFromNobody;   // whose output went back to the loop node
    std::vector<std::uint32_t> exits;  // edges out of a cycle that were taken
    // Sparse:
    std::map<std::uint32_t, Try> tries;
    std::map<std::uint32_t, Loop> loops;
    Json variables = Json::object();  // those that belong to it

    // Counted from the marks, not saved.
    std::vector<std::uint32_t> pending, taken;  // incoming edges of each node in these states
    std::size_t open = 0;                       // nodes that are neither done nor skipped
};

// Everything idle and pending that is of the region.
Pass freshPass(const CompiledWorkflow& workflow, std::uint32_t region);
// Sets `pending`, `taken` and `open`.
void countMarks(const CompiledWorkflow& workflow, Pass& pass);

struct WaitEntry {
    enum class Kind { Sleep, Await, Send, Retry, Join, Loop, Child, Slice };
    Kind kind = Kind::Sleep;
    std::uint32_t node = 0;
    std::int64_t seq = 0;            // tells the waits of a run apart; part of the run key of a Send
    std::string key;                 // of an Await
    std::optional<TimePoint> until;  // Sleep, Retry: when to go on; Await, Join: when to give up
    TimePoint entered_at{};          // when the node was entered first
    std::int64_t pass = 0;
    std::optional<TimePoint> give_up_at;  // the node's own time-out
};

struct RunState {
    Pass pass;
    std::map<std::int64_t, Pass> inner;  // iterations in progress, by id
    std::vector<WaitEntry> waits;
    // {"trigger": …, "nodes": {"<id>": {"output": …}}} and what expressions of this version read besides.
    Json scope;
    std::vector<std::uint32_t> entry;  // triggers that the run has yet to be entered at
    std::int64_t next_seq = 1;
    std::int64_t executions = 0;
    std::int64_t next_pass = 1;
    bool has_responded = false;
    bool has_children = false;  // it started runs that it waits for
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
