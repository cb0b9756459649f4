// Reading JSON that this daemon wrote itself: events, runs, what is in the outbox. Any thread.
#pragma once

#include "base/json.h"

namespace signalbox {

// Wider than anything that is let in, because data that came in are put together and wrapped before they are
// written. Whoever writes keeps below it, so what does not fit is told, never passed over.
inline constexpr JsonLimits kOwnJson{.max_depth = 256, .max_values = 16'000'000};

// The members of an object that are no lists or objects, however large or deep the rest is. Null when it is
// no JSON.
Json outlineOf(std::string_view text);

}  // namespace signalbox
