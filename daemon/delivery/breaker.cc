#include "daemon/delivery/breaker.h"

#include <algorithm>
#include <limits>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kBucket = 30s;
constexpr int kFewestTries = 10;
constexpr int kFailurePercent = 70;
constexpr int kFailuresInARow = 5;
constexpr int kProbes = 3;
constexpr std::chrono::seconds kShortest = 30s, kLongest = 10min;

std::int64_t bucketNumber(TimePoint now) {
    return now.time_since_epoch() / kBucket;
}

}  // namespace

const char* toString(BreakerState state) {
    switch (state) {
        case BreakerState::Closed:
            return "closed";
        case BreakerState::Open:
            return "open";
        case BreakerState::HalfOpen:
            return "half_open";
    }
    return "closed";
}

Breaker::Breaker(TimePoint open_until, std::int64_t opened_times)
    : is_open_(true), open_until_(open_until), opened_times_(opened_times) {}

BreakerState Breaker::state(TimePoint now) const {
    if (!is_open_) return BreakerState::Closed;
    return now < open_until_ ? BreakerState::Open : BreakerState::HalfOpen;
}

std::size_t Breaker::allowance(TimePoint now) const {
    switch (state(now)) {
        case BreakerState::Open:
            return 0;
        case BreakerState::HalfOpen:
            return 1;
        default:
            return std::numeric_limits<std::size_t>::max();
    }
}

bool Breaker::succeeded(TimePoint now) {
    count(now, false);
    failures_in_a_row_ = 0;
    // While open: the answer to a try that left before. It says little about now.
    if (state(now) != BreakerState::HalfOpen || ++probes_passed_ < kProbes) return false;
    *this = Breaker();
    return true;
}

bool Breaker::failed(TimePoint now) {
    count(now, true);
    ++failures_in_a_row_;
    const BreakerState before = state(now);
    if (before == BreakerState::Open) return false;
    if (before == BreakerState::Closed && !isTripped(now)) return false;
    open(now);
    return true;
}

void Breaker::open(TimePoint now) {
    const auto doublings = std::min<std::int64_t>(opened_times_, 10);
    is_open_ = true;
    probes_passed_ = 0;
    open_until_ = now + std::min(kShortest * (std::int64_t{1} << doublings), kLongest);
    ++opened_times_;
}

void Breaker::count(TimePoint now, bool is_failure) {
    const std::int64_t number = bucketNumber(now);
    Bucket& bucket = buckets_[static_cast<std::size_t>(number) % buckets_.size()];
    if (bucket.number != number) bucket = {number, 0, 0};
    ++bucket.tries;
    if (is_failure) ++bucket.failures;
}

bool Breaker::isTripped(TimePoint now) const {
    if (failures_in_a_row_ >= kFailuresInARow) return true;
    const std::int64_t oldest = bucketNumber(now) - static_cast<std::int64_t>(buckets_.size()) + 1;
    int tries = 0;
    int failures = 0;
    for (const Bucket& bucket : buckets_) {
        if (bucket.number < oldest) continue;
        tries += bucket.tries;
        failures += bucket.failures;
    }
    return tries >= kFewestTries && failures * 100 >= tries * kFailurePercent;
}

bool Breaker::isIdle(TimePoint now) const {
    const std::int64_t oldest = bucketNumber(now) - static_cast<std::int64_t>(buckets_.size()) + 1;
    return !is_open_ && std::all_of(buckets_.begin(), buckets_.end(),
                                    [&](const Bucket& bucket) { return bucket.number < oldest; });
}

}  // namespace signalbox
