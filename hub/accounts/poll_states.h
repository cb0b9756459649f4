// How far an account that is fetched has come, and how it fares. The only writer of the table poll_states.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/store/store.h"

namespace signalbox {

struct PollState {
    std::string cursor;                // the connector's, opaque
    std::string state = "connected";   // connected, degraded, reauth
    std::string error;                 // why not connected
    std::int64_t failures = 0;         // in a row
    std::int64_t done = 0, total = 0;  // of a catch-up; total 0: none is under way
    std::optional<TimePoint> last_ok_at;
};

// What the table says; the default for an account that was never fetched.
PollState readPollState(Reader& reader, Id account);
// Inside Writes.
void savePollState(Tx& tx, Id account, const PollState& state, TimePoint now);

}  // namespace signalbox
