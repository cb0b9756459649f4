// Where time comes from. Nothing else in the project asks the system for it, so that tests can own it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace signalbox {

// UTC with microseconds; stored as a 64-bit count in every table column that ends in `_at`.
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

inline std::int64_t toMicros(TimePoint t) {
    return t.time_since_epoch().count();
}
inline TimePoint fromMicros(std::int64_t us) {
    return TimePoint{std::chrono::microseconds{us}};
}

// RFC 3339 in UTC with milliseconds: 2026-11-21T07:00:00.123Z.
std::string toRfc3339(TimePoint t);
// Accepts any RFC 3339 offset and up to nine digits of fraction (cut to microseconds).
std::optional<TimePoint> parseRfc3339(std::string_view text);

// A sleeping thread's bell: `notify` ends a wait early, also one that has not begun yet.
class Wakeup {
public:
    void notify();

private:
    friend class SystemClock;
    friend class FakeClock;
    std::mutex mutex_;
    std::condition_variable_any ring_;
    bool is_rung_ = false;
};

// Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
    // Returns at `until`, when `wakeup` rings or when `stop` is requested, whichever comes first.
    virtual void wait(Wakeup& wakeup, TimePoint until, const std::stop_token& stop) = 0;

    // False when stopped before `until`.
    bool sleepUntil(TimePoint until, const std::stop_token& stop);
};

class SystemClock : public Clock {
public:
    TimePoint now() const override;
    void wait(Wakeup& wakeup, TimePoint until, const std::stop_token& stop) override;
};

}  // namespace signalbox
