// What ingest clears away, and counts, now and then. Any thread.
#pragma once

#include "base/clock.h"
#include "hub/store/store.h"

namespace signalbox {

// Statuses, reactions and edits whose target did not come within seven days.
Status forgetOldParked(Store& store, TimePoint now);
std::int64_t countQuarantined(Store& store);

}  // namespace signalbox
