// A clock that stands still until a test moves it; sleepers wake when their time has come. Thread-safe.
#pragma once

#include "base/clock.h"

namespace signalbox {

class FakeClock : public Clock {
public:
    explicit FakeClock(TimePoint start = *parseRfc3339("2026-01-05T09:00:00Z")) : now_(toMicros(start)) {}

    TimePoint now() const override { return fromMicros(now_.load()); }
    void wait(Wakeup& wakeup, TimePoint until, const std::stop_token& stop) override {
        using namespace std::chrono_literals;
        std::unique_lock lock(wakeup.mutex_);
        while (!wakeup.is_rung_ && now() < until && !stop.stop_requested()) wakeup.ring_.wait_for(lock, 1ms);
        wakeup.is_rung_ = false;
    }

    void advance(std::chrono::microseconds by) { now_ += by.count(); }
    void set(TimePoint t) { now_ = toMicros(t); }

private:
    std::atomic<std::int64_t> now_;
};

}  // namespace signalbox
