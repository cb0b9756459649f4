#include "workflow/engine/run_leases.h"

#include <algorithm>
#include <vector>

#include "workflow/engine/run_rows.h"

namespace signalbox::workflow {
namespace {

constexpr std::size_t kRowsInWrite = 256;

}  // namespace

RunLeases::RunLeases(Store& store, Clock& clock)
    : store_(store), clock_(clock), is_alone_(store.isExclusive()) {}

std::optional<TimePoint> RunLeases::untilFrom(TimePoint now) const {
    if (is_alone_) return std::nullopt;
    return now + kRunLease;
}

std::shared_ptr<void> RunLeases::hold(Id run) {
    if (is_alone_) return nullptr;
    {
        std::lock_guard lock(mutex_);
        auto& held = held_[run];
        if (held.holds++ == 0) held.since = clock_.now();
    }
    return {nullptr, [this, run](void*) { release(run); }};
}

void RunLeases::release(Id run) {
    std::lock_guard lock(mutex_);
    const auto at = held_.find(run);
    if (at != held_.end() && --at->second.holds == 0) held_.erase(at);
}

bool RunLeases::isHeld(Id run) const {
    std::lock_guard lock(mutex_);
    return held_.contains(run);
}

void RunLeases::renew() {
    const TimePoint now = clock_.now();
    std::vector<Id> runs;
    {
        std::lock_guard lock(mutex_);
        for (const auto& [run, held] : held_)
            if (held.since + kRenewLeases <= now) runs.push_back(run);
    }
    for (std::size_t from = 0; from < runs.size(); from += kRowsInWrite) {
        const auto end = std::min(from + kRowsInWrite, runs.size());
        std::vector<Id> some(runs.begin() + static_cast<std::ptrdiff_t>(from),
                             runs.begin() + static_cast<std::ptrdiff_t>(end));
        store_.write(
            [some = std::move(some), until = now + kRunLease](Tx& tx) {
                for (const Id run : some) renewLease(tx, run, until);
            },
            [](const Status&) {});
    }
}

}  // namespace signalbox::workflow
