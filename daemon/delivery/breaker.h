// The circuit breaker of one endpoint: a provider that is down is not asked again and again. Opens at 70 %
// failures among at least ten tries of the last five minutes, or at five failures in a row; stays open for
// 30 s, doubling up to 10 min while probes fail; then lets one probe at a time through and closes after three
// that succeed. Not thread-safe: the dispatcher's lock guards it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace signalbox {

enum class BreakerState { Closed, Open, HalfOpen };
const char* toString(BreakerState state);

class Breaker {
public:
    Breaker() = default;
    // As it was saved when it opened.
    Breaker(TimePoint open_until, std::int64_t opened_times);

    BreakerState state(TimePoint now) const;
    // How many tries may be in flight at once.
    std::size_t allowance(TimePoint now) const;

    // A try was answered (also with a refusal), or it was not. True when the breaker opened or closed.
    bool succeeded(TimePoint now);
    bool failed(TimePoint now);

    TimePoint openUntil() const { return open_until_; }
    std::int64_t openedTimes() const { return opened_times_; }
    // Closed, with nothing counted that is still of interest.
    bool isIdle(TimePoint now) const;

private:
    struct Bucket {
        std::int64_t number = -1;  // half minutes since 1970
        int tries = 0, failures = 0;
    };
    void count(TimePoint now, bool is_failure);
    bool isTripped(TimePoint now) const;
    void open(TimePoint now);

    std::array<Bucket, 10> buckets_{};
    int failures_in_a_row_ = 0;
    int probes_passed_ = 0;
    bool is_open_ = false;
    TimePoint open_until_{};
    std::int64_t opened_times_ = 0;  // in a row
};

}  // namespace signalbox
