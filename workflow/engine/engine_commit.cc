// Writing what a walk left behind, and what may be told once it is on disk.
#include <algorithm>

#include "base/log.h"
#include "workflow/engine/engine.h"
#include "workflow/engine/run_causes.h"

namespace signalbox::workflow {
namespace {

using namespace std::chrono_literals;

constexpr int kMaxFaults = 5;  // of the kind that another try does not help, before the runs are set aside

}  // namespace

void Engine::submit(Writes writes, Written done) {
    {
        std::lock_guard lock(mutex_);
        ++writes_in_flight_;
    }
    parts_.store.write(std::move(writes), [this, done = std::move(done)](const Status& status) {
        done(status);
        std::lock_guard lock(mutex_);
        if (--writes_in_flight_ == 0) idle_.notify_all();
    });
}

// Walked again, it is the error of the nodes that start them.
void Engine::refuseChildren(const Batch& batch, const Error& error) {
    if (error.code != kTooManyRuns || !batch.job.refusals) return;
    for (const auto& commit : batch.commits)
        for (const auto& child : commit.children)
            batch.job.refusals->insert_or_assign(child->trigger_key, error);
}

void Engine::commit(BatchRef batch) {
    for (const auto& one : batch->commits)
        for (const auto& wait : one.waits) event_waits_.note(wait.key);
    if (!parts_.store.isExclusive())
        for (auto& one : batch->commits) one.shares_response = true;
    if (const auto listened = catalog_.index()->caused_types)
        for (auto& one : batch->commits) one.listened_to = listened;
    submit(
        [batch, &log = parts_.log](Tx& tx) {
            batch->is_refused = false;
            try {
                for (auto& one : batch->commits) one.write(tx, log);
            } catch (const ActionRefused& refused) {
                batch->is_refused = true;
                refuseChildren(*batch, refused.error);
                throw;
            }
        },
        [this, batch](const Status& status) { committed(batch, status); });
}

void Engine::committed(const BatchRef& batch, const Status& status) {
    if (!status) {
        const bool is_unavailable = status.error().kind == ErrorKind::Unavailable;
        if (batch->is_refused && !is_unavailable) return push(std::move(batch->job));
        if (!is_unavailable && ++batch->attempts > kMaxFaults) {
            // What cannot be written with its effects is kept without them, for people to look at.
            log::error("run_not_written", {{"run", idText(kRunId, batch->commits.front().row.id)},
                                           {"error", status.error().message}});
            for (auto& one : batch->commits) {
                one.effects.clear();
                one.waits.clear();
                one.children.clear();
                one.response.reset();
                one.may_respond = false;
                one.row.status = RunStatus::Quarantined;
                one.row.wake_at.reset();
                one.row.ended_at = parts_.clock.now();
                one.row.error = dumpJson({{"kind", toString(status.error().kind)},
                                          {"code", "not_written"},
                                          {"message", status.error().message}});
            }
            batch->attempts = 0;
        }
        return writeLater(batch);
    }
    // Let go of before the write counts as done: the callback itself may outlive the engine.
    Job job = std::move(batch->job);
    const bool is_overtaken = !job.record && !batch->commits.front().is_applied;
    if (is_overtaken) {  // another walk of this run was faster: look again
        job.refusals.reset();
        return push(std::move(job));
    }
    for (const auto& one : batch->commits) {
        if (one.is_applied) announce(one);
    }
    tell(*batch);
}

void Engine::writeLater(BatchRef batch) {
    const auto wait = std::min<std::chrono::milliseconds>(100ms * (1 << std::min(batch->attempts, 5)), 5s);
    alarms_.later(parts_.clock.now() + wait, [this, batch] { commit(batch); });
}

// Counts, alarms, and the walk of runs that were only written down so far.
void Engine::announce(const RunCommit& one) {
    {
        std::lock_guard lock(mutex_);
        stats_.runs_started += one.is_new ? 1 : 0;
        stats_.walks += one.steps.empty() ? 0 : 1;
        stats_.runs_succeeded += one.row.status == RunStatus::Succeeded ? 1 : 0;
        stats_.runs_failed += one.row.status == RunStatus::Failed ? 1 : 0;
    }
    for (const auto& child : one.children) announceNew(*child);
    for (const Id run : one.next_in_lane) beginNow(run);
    if (one.row.wake_at && *one.row.wake_at <= parts_.clock.now() && one.row.status == RunStatus::Waiting) {
        Job job;  // a long loop between two slices
        job.run = one.row.id;
        push(std::move(job));
    } else if (one.row.wake_at && one.row.status != RunStatus::Running) {
        alarms_.add(*one.row.wake_at, one.row.id);
    }
    lookBackFor(one);
    if (one.row.status == RunStatus::Running) beginNow(one.row.id);
}

// A run that is written down and not walked yet.
void Engine::announceNew(const RunRow& row) {
    RunCommit begun;
    begun.row = row;
    begun.is_new = true;
    announce(begun);
}

void Engine::beginNow(Id run) {
    Job job;
    job.run = run;
    job.cause = Cause::Begin;
    job.hold = leases_.hold(run);
    push(std::move(job));
}

void Engine::tell(const Batch& batch) {
    if (parts_.responses == nullptr) return;
    if (batch.offset) {
        std::vector<const RunCommit*> commits;
        for (const auto& one : batch.commits) commits.push_back(&one);
        return tellResponse(*batch.offset, std::move(commits));
    }
    for (const auto& one : batch.commits) {
        const auto offset = triggerOffset(one.row);
        if (offset) tellResponse(*offset, {&one});
    }
}

// The first answer goes out; when none came and none can come any more, that is said instead.
void Engine::tellResponse(std::int64_t offset, std::vector<const RunCommit*> commits) {
    const RunCommit* answering = nullptr;
    std::size_t may_still = 0, settled = 0;
    bool has_failed = false;
    bool is_elsewhere =
        false;  // another daemon was faster and may answer: its answer is looked for in the database
    for (const auto* one : commits) {
        if (one->response && answering == nullptr) answering = one;
        const bool is_open = one->may_respond || (one->is_new && one->row.status == RunStatus::Running);
        is_elsewhere = is_elsewhere || (is_open && one->is_new && !one->is_applied);
        (is_open && one->is_applied ? may_still : settled) += 1;
        has_failed = has_failed ||
                     (one->is_applied && isOver(one->row.status) && one->row.status != RunStatus::Succeeded);
    }
    bool is_last = false;
    {
        std::lock_guard lock(mutex_);
        if (answering != nullptr) {
            awaited_.erase(offset);
        } else if (commits.front()->is_new) {
            is_last = may_still == 0;
            if (!is_last) awaited_[offset] = {may_still, has_failed};
        } else if (const auto at = awaited_.find(offset); at != awaited_.end() && settled > 0) {
            is_last = at->second.runs <= settled;
            has_failed = has_failed || at->second.has_failed;
            if (!is_last) at->second = {at->second.runs - settled, has_failed};
            if (is_last) awaited_.erase(at);
        }
    }
    if (answering != nullptr) {
        parts_.responses->respond(offset, *answering->response);
    } else if (is_last && (!is_elsewhere || parts_.store.isExclusive())) {
        has_failed ? parts_.responses->failed(offset) : parts_.responses->finished(offset);
    }
}

}  // namespace signalbox::workflow
