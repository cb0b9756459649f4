// Events that other systems append, each once: a caller's key that comes again gives the offset of the first.
// Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "hub/log/event_log.h"

namespace signalbox {

struct PostedEvent {
    Id org = 0;
    std::string type;
    std::string key;  // of the caller; empty: always a new event
    std::string payload;
    Id account = 0, conversation = 0;
};
struct Appended {
    std::int64_t offset = 0;
    bool is_duplicate = false;
};

class PostedEvents {
public:
    PostedEvents(Store& store, const Clock& clock, EventLog& log) : store_(store), clock_(clock), log_(log) {}

    // The event was checked. Waits for the commit. Errors: Conflict when the key stands for another event,
    // Unavailable.
    Result<Appended> append(const PostedEvent& event);
    // Keys older than ninety days are forgotten. Now and then.
    Status forgetOldKeys();

private:
    Store& store_;
    const Clock& clock_;
    EventLog& log_;
};

}  // namespace signalbox
