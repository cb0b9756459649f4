// What follows from the end of a run, in the commit that ends it: the runs that it started for itself end
// too, the run that waits for it is told, its failure is told (the one way for error, time-out, cancel and
// quarantine), and the next run of its lane gets its turn. The runs that it waits
// for itself are ended by cancelChildren. Inside Writes.
#pragma once

#include <vector>

#include "hub/log/event_log.h"
#include "workflow/engine/run_rows.h"

namespace signalbox::workflow {

// Of a child's end, for the node that waits: {"run_key", "run", "status", "result", "error"}.
inline constexpr std::string_view kChildEvent = "run.finished";
// Of a run that failed, was cancelled or quarantined: {"run", "workflow", "workflow_id", "version", "status",
// "node", "error", "started_at"}.
inline constexpr std::string_view kFailureEvent = "run.failed";

// `run` as it has just been written. Returns the runs whose turn it is now.
std::vector<Id> endRun(Tx& tx, EventLog& log, const RunRow& run);

// Ends runs that `parent` waits for: those of the waits `seqs`, or all. Returns the runs whose turn it is
// now.
std::vector<Id> cancelChildren(Tx& tx, EventLog& log, const RunRow& parent,
                               const std::vector<std::int64_t>* seqs, TimePoint now);

}  // namespace signalbox::workflow
