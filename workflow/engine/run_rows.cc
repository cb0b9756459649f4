#include "workflow/engine/run_rows.h"

#include "workflow/engine/run_leases.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO runs (id, org, workflow, version, trigger_key, status, is_dry, revision, input, state, "
    "result, error,"
    " conversation, recoveries, deadline_at, wake_at, started_at, ended_at, parent, parent_key, depth, lane,"
    " lane_limit, is_queued, root)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,"
    " $22, $23, $24, $25)"
    " ON CONFLICT (workflow, trigger_key) DO NOTHING";
constexpr std::string_view kUpdate =
    "UPDATE runs SET status = $3, revision = $4, state = $5, result = $6, error = $7, wake_at = $8, ended_at "
    "= $9, recoveries = 0"
    " WHERE id = $1 AND revision = $2 AND status IN ('running', 'waiting')";
constexpr std::string_view kLoad =
    "SELECT id, org, workflow, version, trigger_key, status, is_dry, revision, input, state, result, error,"
    " conversation, recoveries, deadline_at, wake_at, started_at, ended_at, parent, parent_key, depth, lane,"
    " lane_limit, is_queued, root FROM runs WHERE id = $1";
constexpr std::string_view kBusyInLane =
    "SELECT COUNT(*) FROM runs WHERE workflow = $1 AND lane = $2 AND lane <> ''"
    " AND status IN ('running', 'waiting') AND is_queued = 0";

Value orNull(const std::optional<TimePoint>& time) {
    return time ? Value(toMicros(*time)) : Value(nullptr);
}

std::optional<TimePoint> timeOrNothing(const Row& row, std::size_t column) {
    if (row.isNull(column)) return std::nullopt;
    return fromMicros(row.integer(column));
}

RunRow fromRow(const Row& row) {
    RunRow run;
    run.id = row.integer(0);
    run.org = row.integer(1);
    run.workflow = row.integer(2);
    run.version = row.integer(3);
    run.trigger_key = row.text(4);
    run.status = parseRunStatus(row.text(5)).value_or(RunStatus::Failed);
    run.is_dry = row.integer(6) != 0;
    run.revision = row.integer(7);
    run.input = row.text(8);
    run.state = row.text(9);
    run.result = row.text(10);
    run.error = row.text(11);
    run.conversation = row.integer(12);
    run.recoveries = row.integer(13);
    run.deadline_at = fromMicros(row.integer(14));
    run.wake_at = timeOrNothing(row, 15);
    run.started_at = fromMicros(row.integer(16));
    run.ended_at = timeOrNothing(row, 17);
    run.parent = row.integer(18);
    run.parent_key = row.text(19);
    run.depth = row.integer(20);
    run.lane = row.text(21);
    run.lane_limit = row.integer(22);
    run.is_queued = row.integer(23) != 0;
    run.root = row.integer(24);
    return run;
}

}  // namespace

// Changes nothing: the row's lock is what is wanted.
void holdLanes(Tx& tx, Id workflow) {
    tx.exec("UPDATE workflows SET published_version = published_version WHERE id = $1", {workflow});
}

bool insertRun(Tx& tx, RunRow& run) {
    if (run.lane_limit > 0) {
        holdLanes(tx, run.workflow);
        run.is_queued = tx.query(kBusyInLane, {run.workflow, run.lane}).at(0).integer(0) >= run.lane_limit;
        run.status = run.is_queued ? RunStatus::Waiting : RunStatus::Running;
        run.wake_at = run.is_queued ? run.deadline_at : run.started_at + kRunLease;
    }
    return tx.exec(kInsert, {run.id,
                             run.org,
                             run.workflow,
                             run.version,
                             run.trigger_key,
                             std::string_view(toString(run.status)),
                             std::int64_t{run.is_dry},
                             run.revision,
                             run.input,
                             run.state,
                             run.result,
                             run.error,
                             run.conversation,
                             run.recoveries,
                             toMicros(run.deadline_at),
                             orNull(run.wake_at),
                             toMicros(run.started_at),
                             orNull(run.ended_at),
                             run.parent,
                             run.parent_key,
                             run.depth,
                             run.lane,
                             run.lane_limit,
                             std::int64_t{run.is_queued},
                             run.root}) == 1;
}

bool updateRun(Tx& tx, const RunRow& run, std::int64_t revision) {
    return tx.exec(kUpdate, {run.id, revision, std::string_view(toString(run.status)), run.revision,
                             run.state, run.result, run.error, orNull(run.wake_at), orNull(run.ended_at)}) ==
           1;
}

std::int64_t countRecovery(Tx& tx, Id run) {
    const Rows rows = tx.query(
        "UPDATE runs SET recoveries = recoveries + 1 WHERE id = $1 AND status IN ('running', 'waiting')"
        " RETURNING recoveries",
        {run});
    return rows.empty() ? 0 : rows[0].integer(0);
}

std::int64_t takeUp(Tx& tx, Id run, std::optional<TimePoint> seen, std::optional<TimePoint> until) {
    const Rows rows = tx.query(
        "UPDATE runs SET recoveries = recoveries + 1, wake_at = $3 WHERE id = $1 AND status = 'running'"
        " AND COALESCE(wake_at, 0) = $2 RETURNING recoveries",
        {run, seen ? toMicros(*seen) : 0, orNull(until)});
    return rows.empty() ? 0 : rows[0].integer(0);
}

void renewLease(Tx& tx, Id run, TimePoint until) {
    tx.exec("UPDATE runs SET wake_at = $2 WHERE id = $1 AND status = 'running'", {run, toMicros(until)});
}

void insertWalk(Tx& tx, Id run, std::int64_t walk, std::string_view steps) {
    tx.exec("INSERT INTO run_walks (run, walk, steps) VALUES ($1, $2, $3)", {run, walk, steps});
}

void insertItems(Tx& tx, Id run, std::string_view loop, std::int64_t first_index, std::string_view results) {
    tx.exec(
        "INSERT INTO run_items (run, loop, first_index, results) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (run, loop, first_index) DO NOTHING",
        {run, loop, first_index, results});
}

void replaceWaits(Tx& tx, const RunRow& run, const std::vector<WaitRow>& waits) {
    tx.exec("DELETE FROM run_waits WHERE run = $1", {run.id});
    for (const auto& wait : waits) {
        tx.exec("INSERT INTO run_waits (org, wait_key, run, seq) VALUES ($1, $2, $3, $4)",
                {run.org, wait.key, run.id, wait.seq});
    }
}

std::optional<RunRow> loadRun(Reader& reader, Id run) {
    const Rows rows = reader.query(kLoad, {run});
    if (rows.empty()) return std::nullopt;
    return fromRow(rows[0]);
}

std::optional<Id> findRun(Reader& reader, Id workflow, std::string_view trigger_key) {
    const Rows rows =
        reader.query("SELECT id FROM runs WHERE workflow = $1 AND trigger_key = $2", {workflow, trigger_key});
    if (rows.empty()) return std::nullopt;
    return rows[0].integer(0);
}

std::vector<std::string> loadWalks(Reader& reader, Id run) {
    std::vector<std::string> walks;
    for (const Row& row : reader.query("SELECT steps FROM run_walks WHERE run = $1 ORDER BY walk", {run})) {
        walks.push_back(row.text(0));
    }
    return walks;
}

std::vector<WaitingRun> findWaits(Reader& reader, Id org, std::string_view key) {
    std::vector<WaitingRun> found;
    for (const Row& row : reader.query(
             "SELECT run, seq FROM run_waits WHERE org = $1 AND wait_key = $2 ORDER BY run", {org, key})) {
        found.push_back({row.integer(0), row.integer(1)});
    }
    return found;
}

std::vector<WakeRow> loadWakes(Reader& reader, const WakeRow& from, TimePoint to, std::size_t limit) {
    std::vector<WakeRow> wakes;
    for (const Row& row :
         reader.query("SELECT wake_at, id FROM runs WHERE wake_at IS NOT NULL AND wake_at >= $1"
                      " AND (wake_at > $1 OR id > $2) AND wake_at <= $3 ORDER BY wake_at, id LIMIT $4",
                      {toMicros(from.at), from.run, toMicros(to), static_cast<std::int64_t>(limit)})) {
        wakes.push_back({fromMicros(row.integer(0)), row.integer(1)});
    }
    return wakes;
}

std::vector<InterruptedRun> loadInterrupted(Reader& reader) {
    std::vector<InterruptedRun> runs;
    for (const Row& row : reader.query("SELECT id, wake_at FROM runs WHERE status = 'running' ORDER BY id")) {
        runs.push_back({row.integer(0), timeOrNothing(row, 1)});
    }
    return runs;
}

}  // namespace signalbox::workflow
