#include "workflow/engine/run_commit.h"

#include <algorithm>
#include <charconv>
#include "base/own_json.h"

#include "workflow/data_size.h"
#include "workflow/engine/journal.h"
#include "workflow/engine/run_causes.h"
#include "workflow/engine/run_ends.h"
#include "workflow/engine/run_responses.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kEventKey = "event:";
// Each value takes two characters at least; nesting is bounded where data are kept (data_size.h).
constexpr std::size_t kSurelyRead = 2 * kOwnJson.max_values;

std::string errorText(const Walk& walk) {
    if (!walk.error) return "";
    Json json = errorJson(*walk.error);
    if (!walk.failed_node.empty()) json["node"] = walk.failed_node;
    return dumpJson(json);
}

// A state that could not be read back would keep its run for ever.
void refuseUnreadable(Walk& walk, std::string& state) {
    if (state.size() <= kSurelyRead) return;
    const auto read = parseJson(state, kOwnJson);
    if (read) return;
    state.clear();
    Walk refused;
    refused.status = RunStatus::Failed;
    refused.journal = std::move(walk.journal);
    refused.error = withContext("what the run holds cannot be kept", tooLarge(read.error().message));
    walk = std::move(refused);
}

}  // namespace

void RunCommit::write(Tx& tx, EventLog& log) {
    const bool may_cause = listened_to != nullptr && (!effects.empty() || isOver(row.status));
    const std::int64_t before = may_cause ? newestOffset(tx) : 0;
    writeRun(tx, log);
    if (may_cause && is_applied) noteCauses(tx, row, before, at, *listened_to);
}

void RunCommit::writeRun(Tx& tx, EventLog& log) {
    next_in_lane.clear();
    is_applied = is_new ? insertRun(tx, row) : updateRun(tx, row, revision);
    if (!is_applied) return;
    if (const auto offset = triggerOffset(row); shares_response && response && offset)
        saveResponse(tx, *offset, *response, at);
    if (!steps.empty() && steps != "[]") insertWalk(tx, row.id, row.revision, steps);
    for (const auto& spill : spills) insertItems(tx, row.id, spill.loop, spill.first_index, spill.results);
    if (had_waits || !waits.empty()) replaceWaits(tx, row, waits);
    for (const auto& enqueue : effects) enqueue(tx);
    if (row.root != 0 && !children.empty()) countDescendants(tx, row.root, children.size());
    for (const auto& child : children) insertRun(tx, *child);
    if (!isOver(row.status)) {
        if (!orphans.empty()) next_in_lane = cancelChildren(tx, log, row, &orphans, at);
        return;
    }
    if (has_children) next_in_lane = cancelChildren(tx, log, row, nullptr, at);
    const auto more = endRun(tx, log, row);
    next_in_lane.insert(next_in_lane.end(), more.begin(), more.end());
}

RunCommit settle(RunRow row, const CompiledWorkflow& workflow, const RunState& state, Walk walk,
                 TimePoint now) {
    RunCommit commit;
    commit.at = now;
    commit.revision = row.revision;
    ++row.revision;
    // A failed run keeps its state, and a retry goes on from there: not when it is too large to go on.
    const bool is_kept = !isOver(walk.status) || walk.status == RunStatus::Failed;
    const bool is_too_large = walk.error && walk.error->code == kRunTooLarge;
    row.state = is_kept && !is_too_large ? saveState(state) : "";
    refuseUnreadable(walk, row.state);
    row.status = walk.status;
    row.result = std::move(walk.result);
    row.error = errorText(walk);
    const bool is_over = isOver(walk.status);
    row.wake_at.reset();
    if (is_over) {
        row.ended_at = now;
    } else {
        row.wake_at = std::min(nextWake(state).value_or(row.deadline_at), row.deadline_at);
        for (const auto& wait : state.waits) {
            if (wait.kind != WaitEntry::Kind::Await) continue;
            commit.waits.push_back({wait.key, wait.seq});
            if (wait.key.starts_with(kEventKey)) commit.look_back.push_back(wait.seq);
        }
    }
    commit.row = std::move(row);
    commit.steps = std::move(walk.journal);
    commit.effects = std::move(walk.changes);
    for (auto& effect : walk.effects) {
        if (effect.enqueue) commit.effects.push_back(std::move(effect.enqueue));
    }
    for (auto& child : walk.children) {
        if (child.row) commit.children.push_back(std::move(child.row));
    }
    commit.orphans = std::move(walk.orphans);
    commit.spills = std::move(walk.spills);
    commit.has_children = state.has_children;
    commit.response = std::move(walk.response);
    commit.may_respond = !is_over && workflow.has_respond && !state.has_responded;
    return commit;
}

std::optional<std::int64_t> triggerOffset(const RunRow& row) {
    if (!row.trigger_key.starts_with(kEventKey)) return std::nullopt;
    std::int64_t offset = 0;
    const char* end = row.trigger_key.data() + row.trigger_key.size();
    const auto parsed = std::from_chars(row.trigger_key.data() + kEventKey.size(), end, offset);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return offset;
}

}  // namespace signalbox::workflow
