#include "base/backoff.h"

#include <algorithm>

namespace signalbox {

using namespace std::chrono;

milliseconds Backoff::after(int failed_attempts, std::optional<seconds> retry_after,
                            std::uint64_t dice) const {
    const auto index = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(failed_attempts, 1)) - 1, 0,
                                               waits_.size() - 1);
    const auto base = duration_cast<milliseconds>(waits_[index]);
    const auto jittered = milliseconds(base.count() * static_cast<std::int64_t>(800 + dice % 401) / 1000);
    if (!retry_after) return jittered;
    return std::max(jittered,
                    duration_cast<milliseconds>(std::clamp(*retry_after, seconds{0}, seconds{86'400})));
}

}  // namespace signalbox
