#include "workflow/engine/step.h"

#include <algorithm>

#include "workflow/engine/walker.h"

namespace signalbox::workflow {

Walk begin(const CompiledWorkflow& workflow, RunState& state, std::span<const std::uint32_t> triggers,
           const WalkContext& context) {
    const std::vector<std::uint32_t> entered(triggers.begin(), triggers.end());  // may be `state.entry`
    Walker walker(workflow, state, context);
    walker.enterTriggers(entered);
    return walker.finish();
}

std::optional<Walk> answer(const CompiledWorkflow& workflow, RunState& state, std::int64_t seq,
                           const Json& data, const WalkContext& context) {
    const auto wait =
        std::find_if(state.waits.begin(), state.waits.end(), [&](const auto& one) { return one.seq == seq; });
    if (wait == state.waits.end()) return std::nullopt;
    Walker walker(workflow, state, context);
    walker.resume(WaitEntry(*wait), data);
    return walker.finish();
}

std::optional<Walk> wake(const CompiledWorkflow& workflow, RunState& state, const WalkContext& context) {
    std::vector<WaitEntry> due;
    for (const auto& wait : state.waits) {
        if (wait.until && *wait.until <= context.now) due.push_back(wait);
    }
    if (due.empty()) return std::nullopt;
    std::sort(due.begin(), due.end(), [](const auto& a, const auto& b) { return a.until < b.until; });
    Walker walker(workflow, state, context);
    for (const auto& wait : due) {
        walker.resume(wait, wait.kind == WaitEntry::Kind::Await ? Json{{"timed_out", true}} : Json());
    }
    return walker.finish();
}

Walk again(const CompiledWorkflow& workflow, RunState& state, const WalkContext& context) {
    Walker walker(workflow, state, context);
    walker.enterAgain();
    return walker.finish();
}

Walk fail(RunState& state, Error error) {
    Walk walk;
    walk.status = RunStatus::Failed;
    walk.error = std::move(error);
    state.waits.clear();
    return walk;
}

}  // namespace signalbox::workflow
