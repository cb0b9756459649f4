// What becomes of runs that are over: cleared away after the days that their workflow keeps them. Any thread.
#pragma once

#include <cstddef>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "hub/store/store.h"

namespace signalbox::workflow {

// Deletes runs that ended longer ago than settings.retention_days of their published workflow, a few hundred
// in each write, and workflows that were removed once their last run is gone. Runs that are not over are
// never touched. Returns how many went; call again when it is `kForgetBatch`.
inline constexpr std::size_t kForgetBatch = 500;
Result<std::size_t> forgetOldRuns(Store& store, TimePoint now);

// Runs that are not over may begin to wait for an event, and find those that came since they began: from
// here on the log is needed. Nothing: no run is open.
std::optional<TimePoint> eventsNeededFrom(Store& store);

}  // namespace signalbox::workflow
