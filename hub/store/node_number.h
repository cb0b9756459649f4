// The part of an id that tells daemons on one database apart (base/ids.h): each start takes the next of 1,024
// numbers. Two daemons have the same one only when a thousand others started in between.
#pragma once

#include "base/result.h"
#include "hub/store/store.h"

namespace signalbox {

// Called once at start, before the first id is made. Waits for its commit.
Result<unsigned> claimNodeNumber(Store& store);

}  // namespace signalbox
