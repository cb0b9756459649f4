#include "workflow/engine/run_ends.h"

#include <algorithm>
#include "base/own_json.h"

#include "workflow/engine/run_leases.h"
#include "workflow/engine/step.h"

namespace signalbox::workflow {
namespace {

Json jsonOrNull(const std::string& text) {
    if (text.empty()) return nullptr;
    auto json = parseJson(text, kOwnJson);
    return json ? std::move(*json) : Json();
}

void tellParent(Tx& tx, EventLog& log, const RunRow& run) {
    const std::string payload = dumpJson({{"run_key", run.parent_key},
                                          {"run", idText(kRunId, run.id)},
                                          {"status", toString(run.status)},
                                          {"result", jsonOrNull(run.result)},
                                          {"error", jsonOrNull(run.error)}});
    log.append(tx, {run.org, kChildEvent, 0, run.conversation, payload});
}

// Of what a private mailbox began while it was shared only its user hears.
Id privateAccountOf(Tx& tx, Id conversation) {
    if (conversation == 0) return 0;
    const Rows rows = tx.query(
        "SELECT a.id FROM conversations c JOIN accounts a ON a.id = c.account WHERE c.id = $1"
        " AND a.private_to <> 0",
        {conversation});
    return rows.empty() ? 0 : rows[0].integer(0);
}

void tellFailure(Tx& tx, EventLog& log, const RunRow& run) {
    // A handler of failures that fails does not start itself again.
    if (textAt(jsonOrNull(run.input), "type") == kFailureEvent) return;
    const Rows name = tx.query("SELECT name FROM workflows WHERE id = $1", {run.workflow});
    Json error = jsonOrNull(run.error);
    if (error.is_null())
        error = {{"kind", "rejected"}, {"code", "cancelled"}, {"message", "the run was cancelled"}};
    const std::string payload = dumpJson({{"run", idText(kRunId, run.id)},
                                          {"workflow", name.empty() ? "" : name[0].text(0)},
                                          {"workflow_id", run.workflow},
                                          {"version", run.version},
                                          {"status", toString(run.status)},
                                          {"node", textAt(error, "node")},
                                          {"error", error},
                                          {"started_at", toRfc3339(run.started_at)}});
    log.append(tx,
               {run.org, kFailureEvent, privateAccountOf(tx, run.conversation), run.conversation, payload});
}

// The oldest that wait, as many as there is room for.
std::vector<Id> nextInLane(Tx& tx, const RunRow& run) {
    std::vector<Id> out;
    if (run.lane.empty()) return out;
    holdLanes(tx, run.workflow);
    const auto busy = tx.query(
                            "SELECT COUNT(*) FROM runs WHERE workflow = $1 AND lane = $2 AND lane <> ''"
                            " AND status IN ('running', 'waiting') AND is_queued = 0",
                            {run.workflow, run.lane})
                          .at(0)
                          .integer(0);
    if (busy >= run.lane_limit) return out;
    const Value lease = run.ended_at ? Value(toMicros(*run.ended_at + kRunLease)) : Value(nullptr);
    for (const Row& row :
         tx.query("SELECT id FROM runs WHERE workflow = $1 AND lane = $2 AND lane <> ''"
                  " AND status IN ('running', 'waiting') AND is_queued = 1 ORDER BY id LIMIT $3",
                  {run.workflow, run.lane, run.lane_limit - busy})) {
        tx.exec(
            "UPDATE runs SET status = 'running', is_queued = 0, wake_at = $2, revision = revision + 1"
            " WHERE id = $1",
            {row.integer(0), lease});
        out.push_back(row.integer(0));
    }
    return out;
}

void add(std::vector<Id>& to, const std::vector<Id>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

std::vector<Id> cancelChildren(Tx& tx, EventLog& log, const RunRow& parent,
                               const std::vector<std::int64_t>* seqs, TimePoint now) {
    std::vector<Id> out;
    for (const Row& row : tx.query("SELECT id FROM runs WHERE parent = $1 AND parent <> 0"
                                   " AND status IN ('running', 'waiting') ORDER BY id",
                                   {parent.id})) {
        auto child = loadRun(tx, row.integer(0));
        if (!child) continue;
        const auto key = parseRunKey(child->parent_key);
        const bool is_meant =
            seqs == nullptr || (key && std::find(seqs->begin(), seqs->end(), key->seq) != seqs->end());
        if (!is_meant) continue;
        const std::int64_t revision = child->revision++;
        child->status = RunStatus::Cancelled;
        child->state.clear();
        child->wake_at.reset();
        child->ended_at = now;
        if (!updateRun(tx, *child, revision)) continue;
        replaceWaits(tx, *child, {});
        add(out, cancelChildren(tx, log, *child, nullptr, now));
        add(out, nextInLane(tx, *child));
    }
    return out;
}

std::vector<Id> endRun(Tx& tx, EventLog& log, const RunRow& run) {
    if (run.parent != 0) tellParent(tx, log, run);
    if (run.status != RunStatus::Succeeded && !run.is_dry) tellFailure(tx, log, run);
    return nextInLane(tx, run);
}

}  // namespace signalbox::workflow
