// What the engine's workers do: match events, begin runs, go on with them. Everything here happens before the
// write; nothing here is seen by anyone until then.
#include <algorithm>

#include "base/log.h"
#include "base/own_json.h"
#include "workflow/engine/engine.h"
#include "workflow/engine/run_causes.h"
#include "workflow/engine/run_ends.h"

namespace signalbox::workflow {

// The event as triggers and expressions see it: its payload, and what the log knows besides.
Json eventJson(const LogRecord& record) {
    auto payload = parseJson(record.payload, kOwnJson);
    if (!payload)
        log::error("event_not_readable", {{"offset", std::to_string(record.offset)},
                                          {"type", record.type},
                                          {"error", payload.error().message}});
    Json event = payload && payload->is_object() ? std::move(*payload) : Json::object();
    event["type"] = record.type;
    event["offset"] = record.offset;
    event["created_at"] = toRfc3339(record.at);
    if (record.conversation != 0 && !event.contains("conversation_id"))
        event["conversation_id"] = idText(kConversationId, record.conversation);
    return event;
}

namespace {

// An event may be meant for one trigger only: {"to": {"workflow_id", "node"}}, of a webhook {"content":
// {"endpoint": …}}.
bool isFor(const CompiledWorkflow& workflow, const CompiledNode& node, const std::string& type,
           const Json& event) {
    if (type != "schedule.due" && type != "form.submitted" && type != "webhook.received") return true;
    const Json& to =
        type == "webhook.received" ? memberAt(memberAt(event, "content"), "endpoint") : memberAt(event, "to");
    // Asks for types, whoever they are meant for; the clock's are for the one that set it.
    if (type != "schedule.due" && node.type->name() == "trigger.event") return true;
    return !to.is_object() || (numberAt(to, "workflow_id") == workflow.id && textAt(to, "node") == node.id);
}

std::vector<std::uint32_t> matchingTriggers(const CompiledWorkflow& workflow, const std::string& type,
                                            const Json& event) {
    std::vector<std::uint32_t> out;
    for (const auto index : workflow.triggers) {
        const CompiledNode& node = workflow.nodes[index];
        const auto types = node.type->eventTypesFor(node.params);
        if (std::find(types.begin(), types.end(), type) == types.end()) continue;
        if (!isFor(workflow, node, type, event)) continue;
        const auto matched = node.type->matches(*node.prepared, event);
        if (matched && *matched) out.push_back(index);
        if (!matched) {
            log::debug("trigger_not_decided",
                       {{"workflow", workflow.name}, {"node", node.id}, {"error", matched.error().message}});
        }
    }
    return out;
}

// The change; its refusal is kept under the node's place.
std::function<void(Tx&)> noting(std::function<void(Tx&)> apply,
                                std::shared_ptr<std::map<std::string, Error>> refusals, std::string place) {
    return [apply = std::move(apply), refusals = std::move(refusals), place = std::move(place)](Tx& tx) {
        try {
            apply(tx);
        } catch (const ActionRefused& refused) {
            refusals->insert_or_assign(place, refused.error);
            throw;
        }
    };
}

}  // namespace

void Engine::startRuns(const Job& job) {
    const LogRecord& record = *job.record;
    const auto index = catalog_.index();
    const auto candidates = index->by_event.find(record.type);
    auto batch = std::make_shared<Batch>();
    batch->offset = record.offset;
    batch->job = job;
    std::optional<std::int64_t> depth;
    if (candidates != index->by_event.end()) {
        Json event = eventJson(record);
        for (const auto& workflow : candidates->second) {
            if (workflow->org != record.org) continue;
            auto triggers = matchingTriggers(*workflow, record.type, event);
            if (triggers.empty()) continue;
            const bool is_last = workflow == candidates->second.back();
            if (!depth) depth = depthOf(record);
            batch->commits.push_back(
                beginRun(workflow, std::move(triggers), is_last ? std::move(event) : event, job, *depth));
        }
    }
    if (record.type == kFailureEvent) addFailureHandler(job, *batch);
    if (!batch->commits.empty()) return commit(std::move(batch));
    if (parts_.responses != nullptr) parts_.responses->finished(record.offset);
}

// The failed run's own `settings.error_workflow`, unless it starts by a trigger already.
void Engine::addFailureHandler(const Job& job, Batch& batch) {
    const LogRecord& record = *job.record;
    Json event = eventJson(record);
    const auto failed = catalog_.version(numberAt(event, "workflow_id"), numberAt(event, "version"));
    if (!failed || (*failed)->error_workflow.empty()) return;
    const auto handler = publishedNow(record.org, (*failed)->error_workflow);
    if (!handler) {
        log::error("error_workflow_not_started", {{"workflow", (*failed)->name},
                                                  {"error_workflow", (*failed)->error_workflow},
                                                  {"error", handler.error().message}});
        return;
    }
    const bool is_there = std::any_of(batch.commits.begin(), batch.commits.end(), [&](const RunCommit& one) {
        return one.row.workflow == (*handler)->id;
    });
    if (is_there || (*handler)->triggers.empty()) return;
    std::uint32_t entry = (*handler)->triggers.front();
    for (const auto one : (*handler)->triggers) {
        if ((*handler)->nodes[one].type->name() == "trigger.error") entry = one;
    }
    batch.commits.push_back(beginRun(*handler, {entry}, std::move(event), job, depthOf(record)));
}

std::int64_t Engine::depthOf(const LogRecord& event) {
    std::int64_t depth = 0;
    if (!comesFromOutside(event.type))
        parts_.store.read([&](Reader& reader) { depth = depthOfNext(reader, event); });
    return depth;
}

RunCommit Engine::beginRun(const WorkflowRef& workflow, std::vector<std::uint32_t> triggers, Json event,
                           const Job& job, std::int64_t depth) {
    const LogRecord& record = *job.record;
    const std::string input = options_.redactor.hide(dumpJson(event));
    RunState state = freshState(*workflow, std::move(event));
    state.entry = std::move(triggers);
    RunRow row = newRow(*workflow, state);
    row.trigger_key = "event:" + std::to_string(record.offset);
    row.conversation = record.conversation;
    row.input = input;
    row.depth = depth;
    RunCommit out;
    // That a chain was cut is still told to its error workflow; what comes of that is not.
    const auto most = record.type == kFailureEvent ? kMaxCausedRuns + 2 : kMaxCausedRuns;
    if (depth > most) {
        row.lane.clear();  // it takes no turn
        row.lane_limit = 0;
        log::warn("run_caused_too_deep", {{"workflow", workflow->name}, {"event", record.type}});
        out = settle(std::move(row), *workflow, state, fail(state, causedTooDeep()), parts_.clock.now());
        out.is_new = true;
        return out;
    }
    // The row first, so that a run that kills the daemon is counted; or because it may have to wait for its
    // turn.
    if (record.offset <= careful_until_ || row.lane_limit > 0) {
        row.state = saveState(state);
        out.may_respond = workflow->has_respond;
        out.row = std::move(row);
    } else {
        const WalkContext context = contextFor(*workflow, row, job.refusals);
        Walk walk = begin(*workflow, state, state.entry, context);
        out = settle(std::move(row), *workflow, state, std::move(walk), parts_.clock.now());
    }
    out.is_new = true;
    return out;
}

WalkContext Engine::contextFor(const CompiledWorkflow& workflow, const RunRow& row,
                               std::shared_ptr<Refusals> refusals) {
    WalkContext context;
    context.run = row.id;
    context.is_dry = row.is_dry;
    context.now = parts_.clock.now();
    context.started_at = row.started_at;
    context.clock = &parts_.clock;
    context.lua = parts_.lua;
    context.rows = parts_.rows;
    context.redactor = &options_.redactor;
    context.env = &options_.env;
    context.prepare_effect = [this, &workflow, run = row.id,
                              conversation = row.conversation](Effect& effect) -> Status {
        auto prepared = parts_.effects.prepare({workflow.org, run, conversation, workflow.name, effect.node,
                                                effect.idempotency_key, effect.run_key, effect.request});
        if (!prepared) return prepared.error();
        effect.enqueue = std::move(*prepared);
        return Done{};
    };
    context.prepare_child = [this, parent = row, refusals](Child& child) {
        return prepareChild(parent, child, *refusals);
    };
    if (parts_.actions == nullptr) return context;
    context.prepare_action = [this, &workflow, run = row.id, conversation = row.conversation,
                              now = context.now, refusals = std::move(refusals)](Action& action) -> Status {
        const std::string place = std::to_string(workflow.id) + '/' + action.node + '/' + action.path;
        if (const auto refused = refusals->find(place); refused != refusals->end()) return refused->second;
        auto prepared = parts_.actions->prepare({workflow.org, run, conversation, workflow.name, action.node,
                                                 action.path, action.idempotency_key, now, action.request});
        if (!prepared) return prepared.error();
        action.output = std::move(prepared->output);
        if (prepared->apply) action.apply = noting(std::move(prepared->apply), refusals, place);
        return Done{};
    };
    return context;
}

void Engine::goOn(const Job& job) {
    std::optional<RunRow> row;
    parts_.store.read([&](Reader& reader) { row = loadRun(reader, job.run); });
    if (!row || isOver(row->status) || isHeardAlready(job)) return;
    if (row->status == RunStatus::Running && job.cause == Cause::Wake) return takeUpLeft(*row);
    auto walked = walkRun(std::move(*row), job);
    if (!walked) return;
    auto batch = std::make_shared<Batch>();
    batch->commits.push_back(std::move(*walked));
    noteHeard(job, batch->commits.back());
    batch->job = job;
    commit(std::move(batch));
}

// Written down by a daemon that has not walked it: the one that died, when its lease has passed.
void Engine::takeUpLeft(const RunRow& row) {
    if (parts_.store.isExclusive() || leases_.isHeld(row.id)) return;
    if (!row.wake_at || *row.wake_at > parts_.clock.now()) return;
    if (isRecoveredAgain(row.id, row.status, row.wake_at)) beginNow(row.id);
}

std::optional<RunCommit> Engine::walkRun(RunRow row, const Job& job) {
    const TimePoint now = parts_.clock.now();
    const auto workflow = catalog_.version(row.workflow, row.version);
    auto input = parseJson(row.input, kOwnJson);
    RunState state;
    std::optional<Error> unreadable;
    if (!workflow) unreadable = workflow.error();
    if (!input && !unreadable) unreadable = withContext("the run's input", input.error());
    if (!unreadable) {
        auto loaded = loadState(**workflow, row.state, std::move(*input));
        if (!loaded) unreadable = loaded.error();
        if (loaded) state = std::move(*loaded);
    }
    if (unreadable) {
        log::error("run_not_readable", {{"run", idText(kRunId, row.id)}, {"error", unreadable->message}});
        static const CompiledWorkflow kNone;
        std::string kept = std::move(row.state);
        unreadable->code = "run_not_readable";
        auto out = settle(std::move(row), kNone, state, fail(state, *unreadable), now);
        out.row.state = std::move(kept);
        out.had_waits = out.has_children = true;  // whatever there is
        return out;
    }
    const bool had_waits = std::any_of(state.waits.begin(), state.waits.end(),
                                       [](const auto& wait) { return wait.kind == WaitEntry::Kind::Await; });
    std::vector<WaitEntry> looked;  // for these the log was looked through already
    for (const auto& wait : state.waits)
        if (wait.kind == WaitEntry::Kind::Await && wait.key != job.key) looked.push_back(wait);
    auto walk = walkFor(**workflow, state, row, job, contextFor(**workflow, row, job.refusals));
    if (!walk) return std::nullopt;
    auto out = settle(std::move(row), **workflow, state, std::move(*walk), now);
    out.had_waits = had_waits;
    std::erase_if(out.look_back, [&](std::int64_t seq) {
        return std::any_of(looked.begin(), looked.end(), [&](const auto& wait) { return wait.seq == seq; });
    });
    return out;
}

// What woke the run was there already when this daemon began, so the last one may have died of it.
bool Engine::mayKill(const RunState& state, const RunRow& row, const Job& job) {
    const bool was_due = job.cause == Cause::Wake && row.wake_at && *row.wake_at < began_at_;
    const bool was_told = job.offset != 0 && job.offset <= careful_until_ &&
                          std::any_of(state.waits.begin(), state.waits.end(),
                                      [&](const WaitEntry& wait) { return wait.seq == job.seq; });
    return (was_due || was_told) && careful_walks_ > 0 && careful_walks_-- > 0;
}

std::optional<Walk> Engine::walkFor(const CompiledWorkflow& workflow, RunState& state, const RunRow& row,
                                    const Job& job, const WalkContext& context) {
    if (context.now >= row.deadline_at) {
        return fail(state, {ErrorKind::Unavailable, "the run's deadline has passed", {}, "deadline"});
    }
    if (row.is_queued) return std::nullopt;
    if (row.status == RunStatus::Running) {  // begun, never walked
        if (!state.entry.empty()) return begin(workflow, state, state.entry, context);
        return again(workflow, state, context);
    }
    switch (job.cause) {
        case Cause::Receipt:
        case Cause::Answer:
            if (!isWanted(workflow, state, job)) return std::nullopt;
            if (mayKill(state, row, job) && !isRecoveredAgain(row.id, row.status, {})) return std::nullopt;
            return answer(workflow, state, job.seq, *job.data, context);
        case Cause::Wake:
            if (mayKill(state, row, job) && !isRecoveredAgain(row.id, row.status, {})) return std::nullopt;
            return wake(workflow, state, context);
        case Cause::Begin:
            return std::nullopt;  // somebody was faster
        case Cause::Event:
        case Cause::LookBack:
            return std::nullopt;  // not for walks
    }
    return std::nullopt;
}

}  // namespace signalbox::workflow
