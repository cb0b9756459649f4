// Wakes runs and repeats refused work at the right time. Only what is due within the next window is held in
// memory; the rest stays in the database and is read when its window comes. On several daemons each looks for
// what is overdue as well: it was in the memory of one that died. One thread of its own; `add` and `later`
// from any thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/store/store.h"
#include "workflow/engine/run_rows.h"

namespace signalbox::workflow {

class AlarmClock {
public:
    // `ring` is called on the alarm thread for each run that is due; it takes the run up or, when it cannot
    // now, returns false and is asked again.
    AlarmClock(Store& store, Clock& clock, std::function<bool(Id run)> ring);
    ~AlarmClock();

    void start();
    void stop();

    // A run's new time; it is on disk already. A run may ring at times that it has meanwhile moved.
    void add(TimePoint at, Id run);
    // Calls `job` on the alarm thread. What has not been called at stop is dropped.
    void later(TimePoint at, std::function<void()> job);

private:
    void work(const std::stop_token& stop);
    bool mayLoad() const;
    void loadWindow();
    void loadOverdue();
    void ringDue();
    void runLater();
    TimePoint nextTime() const;

    Store& store_;
    Clock& clock_;
    const std::function<bool(Id)> ring_;
    mutable std::mutex mutex_;
    std::multimap<TimePoint, Id> alarms_;
    std::multimap<TimePoint, std::function<void()>> later_;
    TimePoint loaded_until_{};  // alarms up to here are in memory; written by the alarm thread only
    Id loaded_run_ = 0;         // of those at that very time, up to this run; alarm thread only
    TimePoint held_until_{};    // no ring before, as the last one could not be taken; alarm thread only
    WakeRow overdue_from_;      // what is overdue is known up to here; alarm thread only, as the next two
    TimePoint overdue_at_{}, overdue_again_at_{};  // the next look; the next one from the beginning
    Wakeup wakeup_;
    std::jthread thread_;
};

}  // namespace signalbox::workflow
