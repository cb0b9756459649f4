// What people and other systems ask of the engine: start, retry, cancel, deliver.
#include "base/log.h"
#include "base/own_json.h"
#include "hub/store/urgent_writes.h"
#include "workflow/engine/engine.h"
#include "workflow/engine/journal.h"
#include "workflow/engine/run_ends.h"
#include "workflow/params.h"

namespace signalbox::workflow {
namespace {

constexpr std::int64_t kMaxDepth = 16;

Error noRun(Id run) {
    return {ErrorKind::NotFound, "there is no run " + idText(kRunId, run), {}, "run_not_found"};
}

// The trigger of that type, if there is one; else the first.
std::vector<std::uint32_t> entryAt(const CompiledWorkflow& workflow, std::string_view type) {
    for (const auto index : workflow.triggers) {
        if (workflow.nodes[index].type->name() == type) return {index};
    }
    if (workflow.triggers.empty()) return {};
    return {workflow.triggers.front()};
}

// A manual run begins at trigger.manual; a workflow without one is tried out at its first trigger.
std::vector<std::uint32_t> manualEntry(const CompiledWorkflow& workflow) {
    return entryAt(workflow, "trigger.manual");
}

// A run that another workflow starts.
std::vector<std::uint32_t> childEntry(const CompiledWorkflow& workflow) {
    const auto entry = entryAt(workflow, "trigger.sub_workflow");
    const bool is_made_for_it =
        !entry.empty() && workflow.nodes[entry.front()].type->name() == "trigger.sub_workflow";
    return is_made_for_it ? entry : manualEntry(workflow);
}

Error nothingStarts(const CompiledWorkflow& workflow) {
    return {
        ErrorKind::Conflict,
        "workflow \"" + workflow.name + "\": all its triggers are disabled; enable one and publish it again",
        {},
        "no_trigger"};
}

}  // namespace

std::vector<std::uint32_t> entryFor(const CompiledWorkflow& workflow, const Json& input) {
    std::vector<std::uint32_t> out;
    const std::string type = textAt(input, "type");
    for (const auto index : workflow.triggers) {
        const CompiledNode& node = workflow.nodes[index];
        for (const auto& one : node.type->eventTypesFor(node.params)) {
            if (one != type) continue;
            const auto matched = node.type->matches(*node.prepared, input);
            if (matched && *matched) out.push_back(index);
        }
    }
    return out.empty() ? manualEntry(workflow) : out;
}

namespace {

// The history of what was done well, marked as taken over.
std::string pinnedSteps(const std::vector<std::string>& walks) {
    Json out = Json::array();
    for (const auto& walk : walks) {
        auto entries = parseJson(walk, kOwnJson);
        if (!entries || !entries->is_array()) continue;
        for (auto& entry : *entries) {
            if (!entry.contains("port")) continue;
            entry["pinned"] = true;
            out.push_back(std::move(entry));
        }
    }
    return dumpJson(out);
}

}  // namespace

void Engine::startManual(ManualStart start, RunDone done) {
    const auto chosen = parts_.workflows.runnable(start.org, start.workflow, start.version);
    if (!chosen) return done(chosen.error());
    // Not the catalog's current one, which another node's publishing may have left behind.
    const auto current = catalog_.version(chosen->workflow, chosen->version);
    if (!current) return done(current.error());
    const WorkflowRef& workflow = *current;
    if (workflow->triggers.empty()) return done(nothingStarts(*workflow));
    const std::string input = options_.redactor.hide(dumpJson(start.input));
    RunState state = freshState(*workflow, std::move(start.input));
    state.entry = manualEntry(*workflow);
    RunRow row = newRow(*workflow, state);
    row.trigger_key = "manual:" + (start.key.empty() ? idText(kRunId, row.id) : "key:" + start.key);
    row.is_dry = start.is_dry;
    row.input = input;
    row.state = saveState(state);
    insertAndRun(std::move(row), "", std::move(done));
}

// Not the catalog's current one, which another node's publishing may have left behind.
Result<WorkflowRef> Engine::publishedNow(Id org, const std::string& name) {
    const auto found = parts_.workflows.find(org, name);
    if (!found) return found.error();
    if (!found->published_version) {
        return Error{ErrorKind::NotFound,
                     "workflow \"" + name + "\" is not published; publish it first",
                     {},
                     "workflow_not_published"};
    }
    return catalog_.version(found->id, *found->published_version);
}

RunRow Engine::newRow(const CompiledWorkflow& workflow, const RunState& state) {
    RunRow row;
    row.id = parts_.ids.next();
    row.org = workflow.org;
    row.workflow = workflow.id;
    row.version = workflow.version;
    row.started_at = parts_.clock.now();
    row.deadline_at = row.started_at + workflow.deadline;
    row.wake_at = leases_.untilFrom(row.started_at);
    if (workflow.concurrency_limit == 0) return row;
    row.lane_limit = workflow.concurrency_limit;
    row.lane = "all";
    if (!workflow.concurrency_key) return row;
    const auto key = workflow.concurrency_key->evaluate(state.scope);
    row.lane = "key:" + (key ? textIn(*key) : "");  // what cannot be told apart waits for one another
    return row;
}

Status Engine::prepareChild(const RunRow& parent, Child& child, const Refusals& refusals) {
    const std::string trigger_key = "parent:" + child.run_key;
    if (const auto refused = refusals.find(trigger_key); refused != refusals.end()) return refused->second;
    if (parent.depth + 1 > kMaxDepth) {
        return Error{ErrorKind::Rejected,
                     "workflow \"" + child.workflow + "\": more than " + std::to_string(kMaxDepth) +
                         " workflows inside of each other",
                     {},
                     "too_deep"};
    }
    const auto workflow = publishedNow(parent.org, child.workflow);
    if (!workflow) return workflow.error();
    if ((*workflow)->triggers.empty()) return nothingStarts(**workflow);
    const std::string input = options_.redactor.hide(dumpJson(child.input));
    RunState state = freshState(**workflow, std::move(child.input));
    state.entry = childEntry(**workflow);
    auto row = std::make_shared<RunRow>(newRow(**workflow, state));
    row->trigger_key = trigger_key;
    row->input = input;
    row->state = saveState(state);
    row->conversation = parent.conversation;
    row->depth = parent.depth + 1;
    row->root = parent.root != 0 ? parent.root : parent.id;
    if (child.is_awaited) {
        row->parent = parent.id;
        row->parent_key = child.run_key;
        row->deadline_at = std::min(row->deadline_at, parent.deadline_at);
    }
    child.run = row->id;
    child.row = std::move(row);
    return Done{};
}

void Engine::retry(Id org, Id run, RetryFrom from, RunDone done) {
    std::optional<RunRow> old;
    std::vector<std::string> walks;
    parts_.store.read([&](Reader& reader) {
        old = loadRun(reader, run);
        if (old && from == RetryFrom::Failure) walks = loadWalks(reader, run);
    });
    if (!old || old->org != org) return done(noRun(run));
    if (!isOver(old->status)) {
        return done(Error{ErrorKind::Conflict,
                          "the run is " + std::string(toString(old->status)) + "; cancel it first",
                          {},
                          "run_not_over"});
    }
    if (from == RetryFrom::Failure && (old->status != RunStatus::Failed || old->state.empty())) {
        return done(Error{ErrorKind::Conflict,
                          "the run is " + std::string(toString(old->status)) +
                              ", there is no failed node to go on from; run it again from the start",
                          {},
                          "run_not_failed"});
    }
    RunRow row;
    row.id = parts_.ids.next();
    row.org = org;
    row.workflow = old->workflow;
    row.version = old->version;
    row.is_dry = old->is_dry;
    row.input = old->input;
    row.conversation = old->conversation;
    row.started_at = parts_.clock.now();
    row.trigger_key = (from == RetryFrom::Failure ? "retry:" : "replay:") + idText(kRunId, run) + ":" +
                      idText(kRunId, row.id);
    const WorkflowRef now = catalog_.current(old->workflow);
    const auto workflow = from == RetryFrom::Start && now ? Result<WorkflowRef>(now)
                                                          : catalog_.version(old->workflow, old->version);
    if (!workflow) return done(workflow.error());
    row.version = (*workflow)->version;
    row.deadline_at = row.started_at + (*workflow)->deadline;
    row.lane = old->lane;
    row.lane_limit = old->lane_limit;
    if (from == RetryFrom::Failure) {
        row.state = old->state;
        return insertAndRun(std::move(row), pinnedSteps(walks), std::move(done));
    }
    auto input = parseJson(row.input, kOwnJson);
    Json trigger = input ? std::move(*input) : Json::object();
    auto entry = entryFor(**workflow, trigger);
    if (entry.empty()) return done(nothingStarts(**workflow));
    RunState state = freshState(**workflow, std::move(trigger));
    state.entry = std::move(entry);
    row.state = saveState(state);
    insertAndRun(std::move(row), "", std::move(done));
}

void Engine::insertAndRun(RunRow row, std::string pinned, RunDone done) {
    struct Insertion {
        RunRow row;
        std::string pinned;
        Id existing = 0;
    };
    row.wake_at = leases_.untilFrom(row.started_at);
    // Shared by the write, which may be repeated, and its callback.
    auto insertion = std::make_shared<Insertion>(Insertion{std::move(row), std::move(pinned)});
    submit(
        [insertion](Tx& tx) {
            RunRow& run = insertion->row;
            insertion->existing = 0;
            if (!insertRun(tx, run)) {
                insertion->existing = findRun(tx, run.workflow, run.trigger_key).value_or(0);
                return;
            }
            if (!insertion->pinned.empty()) insertWalk(tx, run.id, 0, insertion->pinned);
        },
        [this, insertion, done = std::move(done)](const Status& status) {
            if (!status) return done(status.error());
            if (insertion->existing != 0) return done(insertion->existing);
            announceNew(insertion->row);
            done(insertion->row.id);
        });
}

void Engine::cancel(Id org, Id run, CancelDone done) {
    struct Cancellation {
        std::optional<RunRow> before;
        bool is_cancelled = false;
        std::vector<Id> next_in_lane;
    };
    // Shared by the write, which may be repeated, and its callback.
    auto cancellation = std::make_shared<Cancellation>();
    const TimePoint now = parts_.clock.now();
    const UrgentWrites urgent;
    submit(
        [cancellation, org, run, now, &log = parts_.log](Tx& tx) {
            cancellation->is_cancelled = false;
            cancellation->before = loadRun(tx, run);
            if (!cancellation->before || cancellation->before->org != org) return;
            RunRow row = *cancellation->before;
            row.status = RunStatus::Cancelled;
            row.state.clear();
            row.wake_at.reset();
            row.ended_at = now;
            ++row.revision;
            cancellation->is_cancelled = updateRun(tx, row, cancellation->before->revision);
            if (!cancellation->is_cancelled) return;
            replaceWaits(tx, row, {});
            cancellation->next_in_lane = cancelChildren(tx, log, row, nullptr, now);
            const auto more = endRun(tx, log, row);
            cancellation->next_in_lane.insert(cancellation->next_in_lane.end(), more.begin(), more.end());
        },
        [this, cancellation, org, run, done = std::move(done)](const Status& status) {
            if (!status) return done(status);
            const auto& before = cancellation->before;
            if (!before || before->org != org) return done(noRun(run));
            if (!cancellation->is_cancelled) {
                return done(Error{ErrorKind::Conflict,
                                  "the run is " + std::string(toString(before->status)) + " already",
                                  {},
                                  "run_over"});
            }
            for (const Id next : cancellation->next_in_lane) beginNow(next);
            RunCommit ended;
            ended.row = *before;
            ended.row.status = RunStatus::Cancelled;
            ended.is_applied = true;
            if (const auto offset = triggerOffset(ended.row); offset && parts_.responses != nullptr)
                tellResponse(*offset, {&ended});
            done(Done{});
        });
}

std::size_t Engine::deliver(Id org, const std::string& key, const Json& data) {
    std::vector<WaitingRun> waiting;
    parts_.store.read([&](Reader& reader) { waiting = findWaits(reader, org, key); });
    const auto shared = std::make_shared<const Json>(data);
    for (const auto& one : waiting) {
        Job job;
        job.run = one.run;
        job.cause = Cause::Answer;
        job.seq = one.seq;
        job.data = shared;
        push(std::move(job));
    }
    return waiting.size();
}

}  // namespace signalbox::workflow
