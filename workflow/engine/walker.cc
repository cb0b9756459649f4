#include "workflow/engine/walker.h"

#include <algorithm>

namespace signalbox::workflow {
namespace {

// The step of SplitMix64: neighbouring numbers become unrelated ones.
std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

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
      pending_(workflow.nodes.size()),
      taken_(workflow.nodes.size()) {
    for (std::size_t i = 0; i < workflow.edges.size(); ++i) {
        const char mark = state.pass.edges[i];
        if (mark == static_cast<char>(EdgeMark::Pending)) ++pending_[workflow.edges[i].target];
        if (mark == static_cast<char>(EdgeMark::Taken)) ++taken_[workflow.edges[i].target];
    }
    if (workflow.reads_run) state.scope["run"] = runJson(workflow, context);
    if (workflow.reads_env && context.env != nullptr) state.scope["env"] = *context.env;
}

void Walker::enterTriggers(std::span<const std::uint32_t> triggers) {
    state_.entry.clear();
    for (std::uint32_t i = 0; i < workflow_.nodes.size(); ++i) {
        if (!workflow_.nodes[i].in.empty() || mark(i) != NodeMark::Idle) continue;
        const bool is_entered = std::find(triggers.begin(), triggers.end(), i) != triggers.end();
        (is_entered ? ready_ : dead_).push_back(i);
    }
    runReady();
}

void Walker::resume(const WaitEntry& wait, const Json& data) {
    const std::uint32_t node = wait.node;
    std::erase_if(state_.waits, [&, seq = wait.seq](const WaitEntry& other) { return other.seq == seq; });
    if (mark(node) != NodeMark::Waiting) return;
    const TimePoint started = wait.entered_at;
    const Input input = inputOf(node);
    follow(node, input, workflow_.nodes[node].type->resume(nodeInput(node, input), data), started);
    runReady();
}

void Walker::enterAgain() {
    state_.waits.clear();
    for (std::uint32_t i = 0; i < workflow_.nodes.size(); ++i) {
        const NodeMark current = mark(i);
        // Idle with all edges known: the run ended before this node's turn came.
        const bool is_left = current == NodeMark::Idle && pending_[i] == 0 && taken_[i] > 0;
        if (current == NodeMark::Failed || current == NodeMark::Waiting || is_left) ready_.push_back(i);
    }
    runReady();
}

void Walker::enter(std::uint32_t index) {
    const CompiledNode& node = workflow_.nodes[index];
    const TimePoint started = journalTime();
    const Input input = inputOf(index);
    if (node.is_disabled) {
        complete(index, input, Next{node.ports.front(), {}}, started);
        return;
    }
    follow(index, input, node.type->enter(nodeInput(index, input)), started);
}

NodeInput Walker::nodeInput(std::uint32_t index, const Input& input) {
    const CompiledNode& node = workflow_.nodes[index];
    const auto step = static_cast<std::uint64_t>(++state_.executions);
    return {node.params,  *node.prepared,
            *input.item,  state_.scope,
            context_.now, mix(mix(static_cast<std::uint64_t>(context_.run)) ^ mix(step << 20 ^ index))};
}

void Walker::follow(std::uint32_t index, const Input& input, Result<Outcome> outcome, TimePoint started) {
    while (!is_failed_) {
        if (state_.executions > kMaxExecutions) {
            const std::string limit = std::to_string(kMaxExecutions);
            failRun(workflow_.nodes[index].id, {ErrorKind::Invalid,
                                                "more than " + limit + " node executions in one run",
                                                {},
                                                "too_many_executions"});
            return;
        }
        if (!outcome) return fault(index, input, outcome.error(), started);
        if (auto* next = std::get_if<Next>(&*outcome))
            return complete(index, input, std::move(*next), started);
        if (auto* respond = std::get_if<Respond>(&*outcome)) {
            answerRequest(*respond);
            return complete(index, input, Next{"out", std::move(respond->output)}, started);
        }
        auto answer = std::visit(
            [&](auto& wish) -> std::optional<Result<Json>> {
                if constexpr (requires { act(index, input, wish); }) return act(index, input, wish);
                return std::nullopt;
            },
            *outcome);
        if (!answer) {  // it waits now
            setMark(index, NodeMark::Waiting);
            return;
        }
        if (!*answer) return fault(index, input, answer->error(), started);
        outcome = workflow_.nodes[index].type->resume(nodeInput(index, input), **answer);
    }
}

std::optional<Result<Json>> Walker::act(std::uint32_t node, const Input&, Sleep& sleep) {
    if (sleep.until <= context_.now) return Result<Json>(Json());
    waitFor({WaitEntry::Kind::Sleep, node, 0, "", sleep.until, context_.now});
    return std::nullopt;
}

std::optional<Result<Json>> Walker::act(std::uint32_t node, const Input&, Await& await) {
    waitFor({WaitEntry::Kind::Await, node, 0, std::move(await.key), await.deadline, context_.now});
    return std::nullopt;
}

std::optional<Result<Json>> Walker::act(std::uint32_t index, const Input&, Send& send) {
    const std::string& node = workflow_.nodes[index].id;
    request_ = send.request;
    if (context_.is_dry)
        return Result<Json>(Json{{"state", "dry_run"}, {"request", std::move(send.request)}});
    const std::int64_t seq = state_.next_seq++;
    Effect effect{node,
                  send.wait_for_receipt ? runKey(context_.run, node, seq) : "",
                  idempotencyKey(workflow_.org, context_.run, node, state_.pass.path, seq),
                  std::move(send.request),
                  {}};
    if (context_.prepare_effect) {
        if (const Status checked = context_.prepare_effect(effect); !checked)
            return Result<Json>(checked.error());
    }
    walk_.effects.push_back(std::move(effect));
    if (!send.wait_for_receipt) return Result<Json>(Json{{"state", "queued"}});
    WaitEntry wait{WaitEntry::Kind::Send, index, seq, "", {}, context_.now};
    state_.waits.push_back(std::move(wait));
    return std::nullopt;
}

std::optional<Result<Json>> Walker::act(std::uint32_t index, const Input& input, Call& call) {
    if (context_.lua == nullptr)
        return Result<Json>(Error{ErrorKind::Unavailable, "lua: no sandbox is running"});
    const std::string item = dumpJson(call.item ? *call.item : *input.item);
    ScriptCall script{workflow_.nodes[index].id, call.source, item, 0, context_.now, call.cpu_budget};
    script.seed =
        mix(static_cast<std::uint64_t>(context_.run) ^ mix(static_cast<std::uint64_t>(state_.executions)));
    auto ran = context_.lua->run(script);
    if (!ran) return Result<Json>(ran.error());
    logs_ = ran->logs;
    auto result = parseJson(ran->result_json);
    if (!result) return Result<Json>(withContext("lua: the result of run", result.error()));
    return Result<Json>(Json{{"result", std::move(*result)}, {"logs", logs_}});
}

std::optional<Result<Json>> Walker::act(std::uint32_t index, const Input&, Act& wish) {
    const std::string& node = workflow_.nodes[index].id;
    request_ = wish.request;
    if (context_.is_dry)
        return Result<Json>(Json{{"state", "dry_run"}, {"request", std::move(wish.request)}});
    const std::string& path = state_.pass.path;
    Action action{node,
                  path,
                  idempotencyKey(workflow_.org, context_.run, node, path, state_.next_seq++),
                  std::move(wish.request),
                  {},
                  {}};
    if (!context_.prepare_action) {
        return Result<Json>(Error{ErrorKind::Invalid, "no action is known here", {}, "unknown_action"});
    }
    if (const Status checked = context_.prepare_action(action); !checked)
        return Result<Json>(checked.error());
    if (action.apply) walk_.changes.push_back(std::move(action.apply));
    return Result<Json>(Json{{"output", std::move(action.output)}});
}

void Walker::waitFor(WaitEntry wait) {
    wait.seq = state_.next_seq++;
    state_.waits.push_back(std::move(wait));
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

void Walker::complete(std::uint32_t index, const Input& input, Next next, TimePoint started) {
    const CompiledNode& node = workflow_.nodes[index];
    const auto port = std::find(node.ports.begin(), node.ports.end(), next.port);
    if (port == node.ports.end()) {
        return fault(index, input,
                     {ErrorKind::Invalid, "left through \"" + next.port + "\", which is none of its ports"},
                     started);
    }
    // A join's input belongs to nobody, so passing it on makes it this node's output.
    if (!next.output && input.from == kFromNobody) next.output = *input.item;
    record(index, input, next.port, next.output ? &*next.output : nullptr, nullptr, started);
    setMark(index, NodeMark::Done);
    state_.pass.outputs[index] = next.output ? static_cast<std::int32_t>(index) : input.from;
    if (next.output) {
        state_.scope["nodes"][node.id] = {{"output", std::move(*next.output)}};
    } else if (workflow_.reads_nodes) {
        state_.scope["nodes"][node.id] = {{"output", *input.item}};
    }
    leave(index, static_cast<std::uint32_t>(port - node.ports.begin()),
          valueFrom(state_.pass.outputs[index]));
}

void Walker::fault(std::uint32_t index, const Input& input, Error error, TimePoint started) {
    const CompiledNode& node = workflow_.nodes[index];
    error.message = context_.redactor->hide(std::move(error.message));
    if (!node.handles_errors) {
        record(index, input, "", nullptr, &error, started);
        setMark(index, NodeMark::Failed);
        failRun(node.id, std::move(error));
        return;
    }
    const Json output = {{"error", errorJson(error)}, {"input", *input.item}};
    record(index, input, "error", &output, &error, started);
    setMark(index, NodeMark::Done);
    state_.pass.outputs[index] = static_cast<std::int32_t>(index);
    state_.scope["nodes"][node.id] = {{"output", output}};
    const auto port = std::find(node.ports.begin(), node.ports.end(), "error");
    leave(index, static_cast<std::uint32_t>(port - node.ports.begin()), output);
}

void Walker::failRun(std::string node, Error error) {
    is_failed_ = true;
    walk_.failed_node = std::move(node);
    walk_.error = std::move(error);
}

void Walker::record(std::uint32_t index, const Input& input, const std::string& port, const Json* output,
                    const Error* error, TimePoint started) {
    JournalEntry entry{workflow_.nodes[index], started, journalTime()};
    if (input.from == kFromNobody) entry.input = input.item;
    if (input.from >= 0) entry.input_from = workflow_.nodes[static_cast<std::size_t>(input.from)].id;
    entry.port = port;
    entry.output = output;
    entry.error = error;
    entry.logs = logs_.is_null() ? nullptr : &logs_;
    entry.request = request_.is_null() ? nullptr : &request_;
    journal_.add(entry);
    logs_ = nullptr;
    request_ = nullptr;
}

Walk Walker::finish() {
    walk_.journal = journal_.take();
    const bool is_stuck = std::find(state_.pass.edges.begin(), state_.pass.edges.end(),
                                    static_cast<char>(EdgeMark::Pending)) != state_.pass.edges.end();
    if (!is_failed_ && state_.waits.empty() && is_stuck) {
        failRun(
            "",
            {ErrorKind::Invalid, "some nodes can never run: their inputs wait for each other", {}, "stuck"});
    }
    if (is_failed_) {
        walk_.status = RunStatus::Failed;
        state_.waits.clear();
        // A node that is still waiting has not sent yet, and nobody would wait for the receipt.
        std::erase_if(walk_.effects, [&](const Effect& effect) {
            const auto node = workflow_.find(effect.node);
            return node && mark(*node) == NodeMark::Waiting;
        });
        return std::move(walk_);
    }
    walk_.status = state_.waits.empty() ? RunStatus::Succeeded : RunStatus::Waiting;
    if (walk_.status == RunStatus::Succeeded && state_.result_node >= 0) {
        walk_.result = context_.redactor->toText(
            valueFrom(state_.pass.outputs[static_cast<std::size_t>(state_.result_node)]));
    }
    return std::move(walk_);
}

}  // namespace signalbox::workflow
