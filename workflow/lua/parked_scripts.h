// Remembers which scripts have killed their workers. One that did so three times within ten minutes is parked
// for ten minutes: each kill costs a fresh process, and a script in a busy workflow would keep the pool busy
// with nothing else. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace signalbox::workflow {

class ParkedScripts {
public:
    explicit ParkedScripts(const Clock& clock) : clock_(clock) {}

    // When it may run again, if it is parked now.
    std::optional<TimePoint> parkedUntil(std::string_view source) const;
    void noteKill(std::string_view source);

private:
    static constexpr std::size_t kKills = 3, kMaxScripts = 10'000;
    static constexpr std::chrono::minutes kWindow{10}, kParking{10};
    struct Record {
        std::vector<TimePoint> kills;
        TimePoint parked_until{};
    };
    void forgetOld(TimePoint now);

    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<std::string, Record, std::less<>> records_;  // by SHA-256 of the source
    std::atomic<bool> is_empty_{true};
};

}  // namespace signalbox::workflow
