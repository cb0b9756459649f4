// The inbox's alarm: wakes snoozed conversations and sends scheduled messages when their time comes. One
// thread; what is due stands in the database, so a restart is only late. `ring` from any thread.
#pragma once

#include <thread>

#include "hub/inbox/desk.h"
#include "hub/scheduled/scheduled.h"

namespace signalbox {

class InboxClock {
public:
    InboxClock(Store& store, Clock& clock, Desk& desk, Scheduled& scheduled)
        : store_(store), clock_(clock), desk_(desk), scheduled_(scheduled) {}
    ~InboxClock() { stop(); }

    void start();
    void stop();
    // Something may be due earlier than was known.
    void ring() { wakeup_.notify(); }
    // What is due now; when to look again.
    TimePoint runOnce();

private:
    void run(const std::stop_token& stop);

    Store& store_;
    Clock& clock_;
    Desk& desk_;
    Scheduled& scheduled_;
    Wakeup wakeup_;
    std::jthread thread_;
};

}  // namespace signalbox
