// Which daemon of several is about to walk a run for the first time. Its row is written as running, with a
// time (wake_at) until which nobody else takes it up; while the run is held here the time is put off, so it
// passes only when this daemon is gone. Alone on its database a daemon needs none of this: it takes up what
// it left at its next start. `hold` and `isHeld` from any thread; `renew` from one.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/store/store.h"

namespace signalbox::workflow {

inline constexpr std::chrono::seconds kRunLease{10}, kRenewLeases{3};

class RunLeases {
public:
    RunLeases(Store& store, Clock& clock);

    // What a new row's wake_at says; nothing when no other daemon can be there.
    std::optional<TimePoint> untilFrom(TimePoint now) const;
    // Until the last copy goes away.
    std::shared_ptr<void> hold(Id run);
    bool isHeld(Id run) const;
    // Puts off what has been held for a while. Returns at once; what could not be written is written the next
    // time.
    void renew();

private:
    void release(Id run);

    struct Held {
        TimePoint since{};
        std::size_t holds = 0;
    };
    Store& store_;
    Clock& clock_;
    const bool is_alone_;
    mutable std::mutex mutex_;
    std::unordered_map<Id, Held> held_;
};

}  // namespace signalbox::workflow
