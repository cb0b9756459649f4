// Deletes what came in long ago, when the configuration says how long it is kept: callbacks with the keys of
// what they told, and events of the log. A thread of its own, in small writes, so that nobody waits for it.
#pragma once

#include <thread>

#include "base/clock.h"
#include "hub/ingest/old_requests.h"
#include "hub/store/store.h"

namespace signalbox {

struct StreamRetention {  // zero: for ever
    std::chrono::hours requests{0}, events{0};
};

class StreamCare {
public:
    StreamCare(Store& store, Clock& clock, StreamRetention keep)
        : store_(store), clock_(clock), keep_(keep), requests_(store) {}

    void start();
    void stop();  // waits for the write that is under way

private:
    void run(const std::stop_token& stop);
    void forgetRequests(const std::stop_token& stop);
    void forgetEvents(const std::stop_token& stop);

    Store& store_;
    Clock& clock_;
    const StreamRetention keep_;
    OldRequests requests_;
    std::jthread thread_;
};

}  // namespace signalbox
