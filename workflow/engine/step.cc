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
    walker.resume(seq, data);
    return walker.finish();
}

std::optional<Walk> wake(const CompiledWorkflow& workflow, RunState& state, const WalkContext& context) {
    std::vector<std::pair<TimePoint, std::int64_t>> due;
    for (const auto& wait : state.waits) {
        const TimePoint at =
            std::min(wait.until.value_or(TimePoint::max()), wait.give_up_at.value_or(TimePoint::max()));
        if (at <= context.now) due.emplace_back(at, wait.seq);
    }
    if (due.empty()) return std::nullopt;
    std::sort(due.begin(), due.end());
    Walker walker(workflow, state, context);
    for (const auto& [at, seq] : due) walker.expire(seq);
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
