// The rows of runs: the only SQL that writes them. `insert…` and `update…` are called inside Writes; `load…`
// from any thread with a Reader.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/store/store.h"
#include "workflow/engine/run_state.h"

namespace signalbox::workflow {

struct RunRow {
    Id id = 0, org = 0, workflow = 0;
    std::int64_t version = 0;
    std::string
        trigger_key;  // "event:<offset>", "manual:<key>", "retry:<run>", "replay:<run>", "parent:<run key>"
    RunStatus status = RunStatus::Running;
    bool is_dry = false;
    std::int64_t revision = 0;
    std::string input;  // JSON of the trigger's data
    std::string state;  // saveState, or empty
    std::string result, error;
    Id conversation = 0;
    std::int64_t recoveries = 0;
    TimePoint deadline_at{};
    std::optional<TimePoint> wake_at;  // while it is running: its lease (run_leases.h)
    TimePoint started_at{};
    std::optional<TimePoint> ended_at;
    Id parent = 0;           // the run that waits for this one's end; 0: none
    std::string parent_key;  // its node run
    std::int64_t depth = 0;  // runs above it, that started it or whose changes did
    Id root = 0;             // the first of those that start one another; 0: this one
    std::string lane;        // what concurrency is counted by; "": no limit
    std::int64_t lane_limit = 0;
    bool is_queued = false;  // waits for its turn in the lane
};

struct WaitRow {
    std::string key;
    std::int64_t seq = 0;
};

// False: there is a run for this trigger key already, and nothing was written. A run whose lane is full is
// written as queued, which `run` says afterwards.
bool insertRun(Tx& tx, RunRow& run);
// Writes what a walk changed. False: the run moved on or ended meanwhile (its revision is not `revision` any
// more), and nothing was written.
bool updateRun(Tx& tx, const RunRow& run, std::int64_t revision);
// One more time that the daemon may have died in it since it was written last; 0: it is over.
std::int64_t countRecovery(Tx& tx, Id run);
// The same for a run that is written down and not walked, whose wake_at was `seen`; until `until` nobody else
// takes it up. 0: another daemon was faster, or it went on.
std::int64_t takeUp(Tx& tx, Id run, std::optional<TimePoint> seen, std::optional<TimePoint> until);
void renewLease(Tx& tx, Id run, TimePoint until);
void insertWalk(Tx& tx, Id run, std::int64_t walk, std::string_view steps);
// Until the commit nobody else counts or changes the places in the workflow's lanes, on this daemon or
// another.
void holdLanes(Tx& tx, Id workflow);
// Results of a loop that are too many to be kept with the run.
void insertItems(Tx& tx, Id run, std::string_view loop, std::int64_t first_index, std::string_view results);
void replaceWaits(Tx& tx, const RunRow& run, const std::vector<WaitRow>& waits);

std::optional<RunRow> loadRun(Reader& reader, Id run);
std::optional<Id> findRun(Reader& reader, Id workflow, std::string_view trigger_key);
std::vector<std::string> loadWalks(Reader& reader, Id run);

struct WaitingRun {
    Id run = 0;
    std::int64_t seq = 0;
};
std::vector<WaitingRun> findWaits(Reader& reader, Id org, std::string_view key);

struct WakeRow {
    TimePoint at{};
    Id run = 0;
};
// Waiting runs to be woken behind `from` (time, then run) and not after `to`, in that order.
std::vector<WakeRow> loadWakes(Reader& reader, const WakeRow& from, TimePoint to, std::size_t limit);
// Runs that are written down and not walked: the daemon died in between.
struct InterruptedRun {
    Id run = 0;
    std::optional<TimePoint> wake_at;
};
std::vector<InterruptedRun> loadInterrupted(Reader& reader);

}  // namespace signalbox::workflow
