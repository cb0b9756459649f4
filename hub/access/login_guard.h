// Slows down whoever guesses passwords: five failures in 15 minutes lock an account for one network (/24 of
// IPv4, /64 of IPv6) for 15 minutes, then 30, at most an hour; and all of them together at 50 a second.
// In memory, for this node. Thread-safe.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace signalbox {

// 192.0.2.17 → 192.0.2.0/24, 2001:db8::1 → 2001:db8:0:0::/64; other text stays as it is.
std::string networkOf(std::string_view address);

class LoginGuard {
public:
    explicit LoginGuard(const Clock& clock) : clock_(clock) {}

    // Nothing: try. Otherwise how long to wait. `account` says who in which organization.
    std::optional<std::chrono::seconds> mustWait(const std::string& account, const std::string& address);
    void failed(const std::string& account, const std::string& address);
    void succeeded(const std::string& account, const std::string& address);

private:
    struct Failures {
        unsigned count = 0, locks = 0;
        TimePoint since{}, locked_until{};
    };
    void dropOld(TimePoint now);

    const Clock& clock_;
    std::mutex mutex_;
    std::unordered_map<std::string, Failures> failures_;
    TimePoint second_{};
    unsigned in_second_ = 0;
};

}  // namespace signalbox
