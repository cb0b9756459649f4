#include "workflow/engine/walker.h"

#include <algorithm>

#include "workflow/engine/walk_random.h"

namespace signalbox::workflow {
namespace {

// Node executions of a run whose history is kept whole; iterations over the rows of a file are alike.
constexpr std::int64_t kFullHistory = 20'000, kRowHistory = 2'000;

Json runJson(const CompiledWorkflow& workflow, const WalkContext& context) {
    return {{"id", idText(kRunId, context.run)},
            {"workflow", workflow.name},
            {"version", workflow.version},
            {"is_dry", context.is_dry},
            {"started_at", toRfc3339(context.started_at)}};
}

}  // namespace

Walker::Walker(const CompiledWorkflow& workflow, RunState& state, const WalkContext& context)
    : workflow_(workflow),
      state_(state),
      context_(context),
      journal_(*context.redactor),
      slice_start_(state.executions),
      pass_(&state.pass) {
    countMarks(workflow, state.pass);
    for (auto& [id, pass] : state.inner) countMarks(workflow, pass);
    held_ = measure();
    if (workflow.reads_run) state.scope["run"] = runJson(workflow, context);
    if (workflow.reads_vars) state.scope["vars"] = state.pass.variables;
    if (workflow.reads_env && context.env != nullptr) state.scope["env"] = *context.env;
}

void Walker::enterTriggers(std::span<const std::uint32_t> triggers) {
    state_.entry.clear();
    for (std::uint32_t i = 0; i < workflow_.nodes.size(); ++i) {
        if (pass_->pending[i] > 0 || mark(i) != NodeMark::Idle) continue;
        const bool is_entered = std::find(triggers.begin(), triggers.end(), i) != triggers.end();
        (is_entered ? ready_ : dead_).push_back({0, i});
    }
    runReady();
}

void Walker::resume(std::int64_t seq, const Json& data) {
    const auto at = std::find_if(state_.waits.begin(), state_.waits.end(),
                                 [&](const auto& one) { return one.seq == seq; });
    if (at == state_.waits.end()) return;
    const WaitEntry wait = std::move(*at);
    state_.waits.erase(at);
    activate(wait.pass);
    if (mark(wait.node) != NodeMark::Waiting) return;
    entered_at_ = wait.entered_at;
    const Input input = inputOf(wait.node);
    if (input.is_too_large) return fault(wait.node, input, tooLarge("the inputs of this node")), runReady();
    follow(wait.node, input, workflow_.nodes[wait.node].type->resume(nodeInput(wait.node, input), data));
    runReady();
}

void Walker::expire(std::int64_t seq) {
    const auto at = std::find_if(state_.waits.begin(), state_.waits.end(),
                                 [&](const auto& one) { return one.seq == seq; });
    if (at == state_.waits.end()) return;
    const bool is_given_up =
        at->give_up_at && *at->give_up_at <= context_.now && (!at->until || *at->until > *at->give_up_at);
    const bool resumes = at->kind != WaitEntry::Kind::Retry && at->kind != WaitEntry::Kind::Join &&
                         at->kind != WaitEntry::Kind::Slice;
    if (!is_given_up && resumes) {
        return resume(seq, at->kind == WaitEntry::Kind::Await ? Json{{"timed_out", true}} : Json());
    }
    const WaitEntry wait = std::move(*at);
    state_.waits.erase(at);
    if (wait.kind == WaitEntry::Kind::Slice) {
        activate(wait.pass);
        if (pass_->loops.contains(wait.node)) launch(wait.node);
        return runReady();
    }
    if (wait.kind == WaitEntry::Kind::Child) walk_.orphans.push_back(seq);
    activate(wait.pass);
    entered_at_ = wait.entered_at;
    if (wait.kind == WaitEntry::Kind::Join) {
        if (mark(wait.node) == NodeMark::Idle) fire(wait.node, workflow_.nodes[wait.node].policy->join);
    } else if (is_given_up) {
        dropPasses(wait.pass, wait.node);
        fault(wait.node, inputOf(wait.node),
              {ErrorKind::Unavailable, "did not end within its time (timeout_s)", {}, "timeout"});
    } else {
        setMark(wait.node, NodeMark::Ready);
        ready_.push_back({wait.pass, wait.node});
    }
    runReady();
}

void Walker::enterAgain() {
    state_.waits.clear();
    std::vector<std::int64_t> passes{0};
    for (const auto& [id, pass] : state_.inner) passes.push_back(id);
    for (const auto id : passes) {
        Pass& pass = passOf(id);
        for (std::uint32_t i = 0; i < workflow_.nodes.size(); ++i) {
            const auto current = static_cast<NodeMark>(pass.nodes[i]);
            // Idle with all edges known: the run ended before this node's turn came.
            const bool is_left = current == NodeMark::Idle && pass.pending[i] == 0 && pass.taken[i] > 0;
            const bool is_open =
                current == NodeMark::Failed || current == NodeMark::Waiting || current == NodeMark::Ready;
            if ((!is_open && !is_left) || pass.loops.contains(i)) continue;
            pass.nodes[i] = static_cast<char>(is_left ? NodeMark::Idle : NodeMark::Ready);
            ready_.push_back({id, i});
        }
        pass.tries.clear();
    }
    for (const auto id : passes) {
        if (isGone(id)) continue;
        std::vector<std::uint32_t> between;  // loops that had nothing under way
        for (const auto& [host, loop] : passOf(id).loops) {
            if (loop.running == 0) between.push_back(host);
        }
        for (const auto host : between) {
            activate(id);
            launch(host);
        }
    }
    runReady();
}

void Walker::setMark(std::uint32_t node, NodeMark mark) {
    pass_->nodes[node] = static_cast<char>(mark);
    if (mark != NodeMark::Done && mark != NodeMark::Skipped) return;
    if (--pass_->open == 0 && pass_->id != 0) ended_.push_back(pass_->id);
}

void Walker::enter(std::uint32_t index) {
    const CompiledNode& node = workflow_.nodes[index];
    entered_at_ = journalTime();
    if (node.hosts != 0 && workflow_.regions[node.hosts].is_cycle && pass_->region != node.hosts)
        return enterCycle(index);
    const Input input = inputOf(index);
    if (input.is_too_large) return fault(index, input, tooLarge("the inputs of this node"));
    if (node.policy && pass_->pending[index] == 0 && node.policy->join.mode == JoinRule::Mode::Count &&
        pass_->taken[index] < node.policy->join.count) {
        return fault(
            index, input,
            {ErrorKind::Rejected,
             "join: " + std::to_string(pass_->taken[index]) + " of the " +
                 std::to_string(node.policy->join.count) + " inputs it needs have come, and no more can",
             {},
             "join_not_reached"});
    }
    if (node.is_disabled) {
        ++state_.executions;
        return complete(index, input, Next{node.hosts != 0 ? "done" : node.ports.front(), {}});
    }
    follow(index, input, node.type->enter(nodeInput(index, input)));
}

NodeInput Walker::nodeInput(std::uint32_t index, const Input& input) {
    const CompiledNode& node = workflow_.nodes[index];
    const auto step = static_cast<std::uint64_t>(++state_.executions);
    return {node.params,  *node.prepared,
            *input.item,  state_.scope,
            context_.now, mix(mix(static_cast<std::uint64_t>(context_.run)) ^ mix(step << 20 ^ index))};
}

void Walker::follow(std::uint32_t index, const Input& input, Result<Outcome> outcome) {
    const CompiledNode& node = workflow_.nodes[index];
    while (!isOver()) {
        if (state_.executions > workflow_.max_executions) {
            return failRun(node.id, {ErrorKind::Invalid,
                                     "more than " + std::to_string(workflow_.max_executions) +
                                         " node executions in one run (settings.max_executions)",
                                     {},
                                     "too_many_executions"});
        }
        if (!outcome) return fault(index, input, outcome.error());
        if (auto* next = std::get_if<Next>(&*outcome)) return complete(index, input, std::move(*next));
        if (auto* respond = std::get_if<Respond>(&*outcome)) {
            answerRequest(*respond);
            return complete(index, input, Next{"out", std::move(respond->output)});
        }
        if (auto* stopped = std::get_if<Stopped>(&*outcome)) return stop(index, input, std::move(*stopped));
        auto answer = std::visit(
            [&](auto& wish) -> std::optional<Result<Json>> {
                if constexpr (requires { act(index, input, wish); }) return act(index, input, wish);
                return std::nullopt;
            },
            *outcome);
        if (!answer) return setMark(index, NodeMark::Waiting);
        if (!*answer) return fault(index, input, answer->error());
        outcome = node.type->resume(nodeInput(index, input), **answer);
    }
}

// Waits and iterations of other branches end with the run.
void Walker::stop(std::uint32_t index, const Input& input, Stopped stopped) {
    if (stopped.is_failure) {
        Error error{ErrorKind::Rejected, context_.redactor->hide(std::move(stopped.message)), {}, "stopped"};
        record(index, input, "", nullptr, &error);
        setMark(index, NodeMark::Failed);
        return failRun(workflow_.nodes[index].id, std::move(error));
    }
    const Json& result = stopped.output ? *stopped.output : *input.item;
    record(index, input, workflow_.nodes[index].ports.front(), &result, nullptr);
    walk_.result = context_.redactor->toText(result);
    is_stopped_ = true;
}

void Walker::answerRequest(Respond& respond) {
    if (state_.has_responded) return;
    state_.has_responded = true;
    HttpResponse response;
    response.status = respond.status;
    for (const auto& [name, value] : respond.headers.items()) {
        response.headers.add(name, value.is_string() ? value.get<std::string>() : dumpJson(value));
    }
    response.body = std::move(respond.body);
    walk_.response = std::move(response);
}

void Walker::complete(std::uint32_t index, const Input& input, Next next) {
    const CompiledNode& node = workflow_.nodes[index];
    const auto port = std::find(node.ports.begin(), node.ports.end(), next.port);
    if (port == node.ports.end()) {
        return fault(index, input,
                     {ErrorKind::Invalid, "left through \"" + next.port + "\", which is none of its ports"});
    }
    // A join's input belongs to nobody, so passing it on makes it this node's output.
    if (!next.output && input.from == kFromNobody) next.output = *input.item;
    const Json* kept = next.output ? &*next.output : workflow_.reads_nodes ? input.item : nullptr;
    auto no_room = kept != nullptr ? grow(*kept) : std::nullopt;
    if (!no_room && next.variables.is_object()) no_room = grow(next.variables);
    if (no_room) return fault(index, input, std::move(*no_room));
    if (next.variables.is_object()) {
        assign(next.variables);
        request_ = std::move(next.variables);
    }
    record(index, input, next.port, next.output ? &*next.output : nullptr, nullptr);
    if (!pass_->tries.empty()) pass_->tries.erase(index);
    if (next.output) {
        keep(index, static_cast<std::int32_t>(index), std::move(*next.output));
    } else {
        keep(index, input.from, workflow_.reads_nodes ? *input.item : Json());
    }
    setMark(index, NodeMark::Done);
    leave(index, static_cast<std::uint32_t>(port - node.ports.begin()), valueFrom(pass_->outputs[index]));
}

// What the node passed on; its own copy when it is its own, or somebody may read it by the node's name.
void Walker::keep(std::uint32_t index, std::int32_t from, Json output) {
    pass_->outputs[index] = from;
    if (from == static_cast<std::int32_t>(index) || workflow_.reads_nodes)
        state_.scope["nodes"][workflow_.nodes[index].id] = {{"output", std::move(output)}};
}

bool Walker::isBeyondHistory() {
    if (pass_->id == 0 || state_.executions <= kRowHistory) return false;
    if (state_.executions > kFullHistory) return true;
    for (const Pass* at = pass_; at->id != 0; at = &passOf(at->parent)) {
        const Pass& around = passOf(at->parent);
        const auto loop = around.loops.find(workflow_.regions[at->region].host);
        if (loop != around.loops.end() && !loop->second.source.is_null()) return true;
    }
    return false;
}

void Walker::record(std::uint32_t index, const Input& input, const std::string& port, const Json* output,
                    const Error* error) {
    // Of very long loops the rest of the history is what went wrong.
    if (error == nullptr && isBeyondHistory()) {
        logs_ = request_ = skipped_ = nullptr;
        return;
    }
    JournalEntry entry{workflow_.nodes[index], entered_at_, journalTime()};
    if (input.from == kFromNobody || input.from == kFromPass) entry.input = input.item;
    if (input.from >= 0) entry.input_from = workflow_.nodes[static_cast<std::size_t>(input.from)].id;
    entry.path = pass_->path;
    if (const auto tried = pass_->tries.find(index); tried != pass_->tries.end())
        entry.attempt = tried->second.made + 1;
    entry.port = port;
    entry.output = output;
    entry.error = error;
    entry.logs = logs_.is_null() ? nullptr : &logs_;
    entry.request = request_.is_null() ? nullptr : &request_;
    entry.skipped = skipped_.is_null() ? nullptr : &skipped_;
    journal_.add(entry);
    logs_ = request_ = skipped_ = nullptr;
}

Walk Walker::finish() {
    activate(0);
    walk_.journal = journal_.take();
    if (is_stopped_) {
        state_.waits.clear();
        walk_.status = RunStatus::Succeeded;
        return std::move(walk_);
    }
    const bool is_stuck = std::find(state_.pass.edges.begin(), state_.pass.edges.end(),
                                    static_cast<char>(EdgeMark::Pending)) != state_.pass.edges.end() ||
                          !state_.inner.empty();
    if (!is_failed_ && state_.waits.empty() && is_stuck) {
        failRun(
            "",
            {ErrorKind::Invalid, "some nodes can never run: their inputs wait for each other", {}, "stuck"});
    }
    if (is_failed_) {
        walk_.status = RunStatus::Failed;
        // A node that is still waiting has not sent yet, and nobody would wait for the receipt.
        for (const auto& wait : state_.waits) {
            std::erase_if(walk_.effects, [&](const Effect& effect) { return effect.seq == wait.seq; });
            std::erase_if(walk_.children, [&](const Child& child) { return child.seq == wait.seq; });
        }
        state_.waits.clear();
        return std::move(walk_);
    }
    walk_.status = state_.waits.empty() ? RunStatus::Succeeded : RunStatus::Waiting;
    if (walk_.status == RunStatus::Succeeded && state_.pass.result_node >= 0) {
        walk_.result = context_.redactor->toText(
            valueFrom(state_.pass.outputs[static_cast<std::size_t>(state_.pass.result_node)]));
    }
    return std::move(walk_);
}

}  // namespace signalbox::workflow
