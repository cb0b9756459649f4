// What nodes wish for beside going on: waiting, sending, changing, calling, repeating.
#include <algorithm>

#include "workflow/engine/walk_random.h"
#include "workflow/engine/walker.h"

namespace signalbox::workflow {

WaitEntry& Walker::waitFor(WaitEntry::Kind kind, std::uint32_t node, std::optional<TimePoint> until) {
    WaitEntry wait;
    wait.kind = kind;
    wait.node = node;
    wait.seq = state_.next_seq++;
    wait.until = until;
    wait.entered_at = entered_at_;
    wait.pass = pass_->id;
    const auto& policy = workflow_.nodes[node].policy;
    if (policy && policy->timeout && kind != WaitEntry::Kind::Retry && kind != WaitEntry::Kind::Join &&
        kind != WaitEntry::Kind::Slice)
        wait.give_up_at = entered_at_ + *policy->timeout;
    return state_.waits.emplace_back(std::move(wait));
}

void Walker::dropWaits(std::int64_t pass, std::optional<std::uint32_t> node) {
    std::erase_if(state_.waits, [&](const WaitEntry& wait) {
        if (wait.pass != pass || (node && wait.node != *node)) return false;
        std::erase_if(walk_.effects, [&](const Effect& effect) { return effect.seq == wait.seq; });
        std::erase_if(walk_.children, [&](const Child& child) { return child.seq == wait.seq; });
        if (wait.kind == WaitEntry::Kind::Child) walk_.orphans.push_back(wait.seq);
        return true;
    });
}

// Nobody wants to sit a dry run out: the history says what would have been waited for, and how long.
void Walker::skipWait(const char* kind, std::optional<TimePoint> until) {
    skipped_ = {{"kind", kind}, {"until", nullptr}, {"seconds", nullptr}};
    if (!until) return;
    skipped_["until"] = toRfc3339(*until);
    skipped_["seconds"] = std::chrono::duration<double>(std::max(*until - context_.now, {})).count();
}

std::optional<Result<Json>> Walker::act(std::uint32_t node, const Input&, Sleep& sleep) {
    if (sleep.until <= context_.now) return Result<Json>(Json());
    if (context_.is_dry) {
        skipWait("sleep", sleep.until);
        return Result<Json>(Json());
    }
    waitFor(WaitEntry::Kind::Sleep, node, sleep.until);
    return std::nullopt;
}

std::optional<Result<Json>> Walker::act(std::uint32_t node, const Input&, Await& await) {
    if (context_.is_dry) {
        skipWait("event", await.deadline);
        skipped_["event"] = await.key;
        return Result<Json>(Json{{"state", "dry_run"}});
    }
    waitFor(WaitEntry::Kind::Await, node, await.deadline).key = std::move(await.key);
    return std::nullopt;
}

std::optional<Result<Json>> Walker::act(std::uint32_t index, const Input&, Send& send) {
    const std::string& node = workflow_.nodes[index].id;
    if (auto error = growLeaving(send.request)) return Result<Json>(std::move(*error));
    request_ = send.request;
    if (context_.is_dry)
        return Result<Json>(Json{{"state", "dry_run"}, {"request", std::move(send.request)}});
    const std::int64_t seq = state_.next_seq;
    Effect effect{node,
                  send.wait_for_receipt ? runKey(context_.run, node, seq) : "",
                  idempotencyKey(workflow_.org, context_.run, node, pass_->path, seq),
                  std::move(send.request),
                  send.wait_for_receipt ? seq : 0,
                  {}};
    if (context_.prepare_effect) {
        if (const Status checked = context_.prepare_effect(effect); !checked) {
            ++state_.next_seq;
            return Result<Json>(checked.error());
        }
    }
    walk_.effects.push_back(std::move(effect));
    if (!send.wait_for_receipt) {
        ++state_.next_seq;
        return Result<Json>(Json{{"state", "queued"}});
    }
    waitFor(WaitEntry::Kind::Send, index, {});
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
    if (auto error = growLeaving(wish.request)) return Result<Json>(std::move(*error));
    request_ = wish.request;
    if (context_.is_dry && !wish.only_reads)
        return Result<Json>(Json{{"state", "dry_run"}, {"request", std::move(wish.request)}});
    Action action{node,
                  pass_->path,
                  idempotencyKey(workflow_.org, context_.run, node, pass_->path, state_.next_seq++),
                  std::move(wish.request),
                  {},
                  {}};
    if (!context_.prepare_action) {
        return Result<Json>(Error{ErrorKind::Invalid, "no action is known here", {}, "unknown_action"});
    }
    if (const Status checked = context_.prepare_action(action); !checked)
        return Result<Json>(checked.error());
    if (action.apply && !context_.is_dry) walk_.changes.push_back(std::move(action.apply));
    return Result<Json>(Json{{"output", std::move(action.output)}});
}

std::optional<Result<Json>> Walker::act(std::uint32_t index, const Input&, Spawn& spawn) {
    if (auto error = growLeaving(spawn.input)) return Result<Json>(std::move(*error));
    request_ = Json{{"workflow", spawn.workflow}, {"input", spawn.input}};
    if (context_.is_dry) return Result<Json>(Json{{"state", "dry_run"}, {"request", request_}});
    const std::int64_t seq = state_.next_seq;
    Child child{runKey(context_.run, workflow_.nodes[index].id, seq),
                std::move(spawn.workflow),
                std::move(spawn.input),
                spawn.wait,
                seq,
                0,
                {}};
    const Status checked = context_.prepare_child
                               ? context_.prepare_child(child)
                               : Status(Error{ErrorKind::Unavailable, "no workflow can be started here"});
    if (!checked) {
        ++state_.next_seq;
        return Result<Json>(checked.error());
    }
    const std::string run = idText(kRunId, child.run);
    walk_.children.push_back(std::move(child));
    if (!spawn.wait) {
        walk_.children.back().seq = 0;
        ++state_.next_seq;
        return Result<Json>(Json{{"status", "started"}, {"run", run}});
    }
    state_.has_children = true;
    waitFor(WaitEntry::Kind::Child, index, {}).key = run;
    return std::nullopt;
}

}  // namespace signalbox::workflow
