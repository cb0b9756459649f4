// How long to wait before try number n. A table of waits, ± 20 % jitter, and the other side's word where it
// gave one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace signalbox {

class Backoff {
public:
    // `waits` outlives the object; the last one repeats.
    explicit Backoff(std::span<const std::chrono::seconds> waits) : waits_(waits) {}

    // failed_attempts ≥ 1. `dice` is any random number; retry_after (capped at 24 h) wins when it is longer.
    std::chrono::milliseconds after(int failed_attempts, std::optional<std::chrono::seconds> retry_after,
                                    std::uint64_t dice) const;

private:
    std::span<const std::chrono::seconds> waits_;
};

}  // namespace signalbox
