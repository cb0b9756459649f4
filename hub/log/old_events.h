// What becomes of events that every consumer has read: they are kept, or deleted after a time. Any thread.
#pragma once

#include <cstddef>

#include "base/clock.h"
#include "base/result.h"
#include "hub/store/store.h"

namespace signalbox {

// Deletes the oldest events that were written before `before`; never one that a consumer's cursor is still
// in front of, and never the last one, which says where the log goes on. Returns how many went; call again
// when it is `kEventsAtOnce`.
inline constexpr std::size_t kEventsAtOnce = 500;
Result<std::size_t> forgetOldEvents(Store& store, TimePoint before);

}  // namespace signalbox
