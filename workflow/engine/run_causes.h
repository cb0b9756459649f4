// Runs that come of one another: of events that a run's own changes wrote, and of runs that it starts. Both
// have limits, so that workflows which start themselves end with an error instead of running for ever.
// `note…`, `count…` and `forget…` are called inside Writes, `depthOfNext` from any thread.
#pragma once

#include <string_view>

#include "hub/log/event_log.h"
#include "hub/store/store.h"
#include "workflow/engine/catalog.h"
#include "workflow/engine/run_rows.h"

namespace signalbox::workflow {

// A run whose event was caused by a run, whose event was caused by a run …
inline constexpr std::int64_t kMaxCausedRuns = 10;
// Slower than this it is no loop that harms: reminders, for example.
inline constexpr std::chrono::minutes kCauseWindow{10};
// Of a run; its own children, which its node executions bound, are not counted.
inline constexpr std::int64_t kMaxDescendants = 10'000;

// What comes in from outside, or by the clock: never caused by a run.
bool comesFromOutside(std::string_view event_type);

// Of events behind the offset, all of them of this commit: those that somebody listens to, and the messages
// whose states somebody may listen to.
std::int64_t newestOffset(Tx& tx);
void noteCauses(Tx& tx, const RunRow& run, std::int64_t behind, TimePoint now, const EventTypes& listened_to);
// How many runs are above one that the event starts; more than kMaxCausedRuns: it must not run.
std::int64_t depthOfNext(Reader& reader, const LogRecord& event);
Error causedTooDeep();

inline constexpr std::string_view kTooManyRuns = "too_many_runs";
// Throws ActionRefused (kTooManyRuns) when the family has too many.
void countDescendants(Tx& tx, Id root, std::size_t more);

void forgetOldCauses(Tx& tx, TimePoint now);

}  // namespace signalbox::workflow
