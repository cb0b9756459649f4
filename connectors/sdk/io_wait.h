// How long one call over the network may wait, and the bell that ends it early. One per call; used by the
// calling thread, rung from any.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

#include "base/result.h"

namespace signalbox {

class IoWait {
public:
    // The steady clock of the system decides, also in tests: it measures sockets, not the domain's time.
    IoWait(const std::stop_token& stop, std::chrono::milliseconds total);
    ~IoWait();
    IoWait(const IoWait&) = delete;
    IoWait& operator=(const IoWait&) = delete;

    // Returns once `fd` has one of `events` (poll's) or has failed, for at most `at_most` and never past the
    // total. Unavailable with code "timeout" or "stopped" otherwise.
    Status until(int fd, short events, std::chrono::milliseconds at_most) const;

private:
    std::stop_token stop_;
    std::chrono::steady_clock::time_point end_;
    int bell_ = -1;  // an eventfd; -1 where nobody can ring
    std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace signalbox
