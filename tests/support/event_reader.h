// Reads a live feed (text/event-stream) from a loopback port, event by event. One thread.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace signalbox {

class EventReader {
public:
    // `target` with its query, e.g. /api/v1/feed?from=0. Throws when the answer is not 200.
    EventReader(int port, const std::string& token, const std::string& target);
    ~EventReader();
    EventReader(const EventReader&) = delete;
    EventReader& operator=(const EventReader&) = delete;

    // The next event's data; nothing when the stream ended or `timeout_ms` passed.
    std::optional<Json> next(int timeout_ms = 10'000);

private:
    bool readMore(int timeout_ms);

    int socket_ = -1;
    std::string buffer_;
};

}  // namespace signalbox
