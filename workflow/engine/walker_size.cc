// Keeps what a run holds within limits, counted while it grows. What was replaced or dropped meanwhile is
// counted too until the sum comes to a limit; then the run is measured anew.
#include <algorithm>

#include "workflow/engine/walker.h"

namespace signalbox::workflow {

DataSize Walker::measure() const {
    DataSize out = leaving_;
    out += DataSize::of(memberAt(state_.scope, "trigger"));
    out += DataSize::of(memberAt(state_.scope, "nodes"));
    const auto addPass = [&](const Pass& pass) {
        for (const Json* part : {&pass.item, &pass.locals, &pass.variables}) out += DataSize::of(*part);
        for (const auto& [node, loop] : pass.loops)
            for (const Json* part : {&loop.items, &loop.results, &loop.errors, &loop.source, &loop.kept})
                out += DataSize::of(*part);
    };
    addPass(state_.pass);
    for (const auto& [id, pass] : state_.inner) addPass(pass);
    return out;
}

std::optional<Error> Walker::grow(const Json& value) {
    const DataSize more = DataSize::of(value);
    if (auto error = depthError(more)) return error;
    held_ += more;
    if (held_.isWithin(next_bytes_, next_values_)) return std::nullopt;
    const DataSize there = measure();
    held_ = there;
    held_ += more;
    if (!held_.isWithin(kMaxRunBytes, kMaxRunValues)) {
        held_ = there;
        return tooLarge("the data of this run");
    }
    // Not measured at each step of a run that stays near a limit.
    next_bytes_ = std::max(kMaxRunBytes, held_.bytes + kMaxRunBytes / 8);
    next_values_ = std::max(kMaxRunValues, held_.values + kMaxRunValues / 8);
    return std::nullopt;
}

// What goes to the outbox or begins a run is held until the walk is written.
std::optional<Error> Walker::growLeaving(const Json& value) {
    auto error = grow(value);
    if (!error) leaving_ += DataSize::of(value);
    return error;
}

}  // namespace signalbox::workflow
