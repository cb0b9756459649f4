#include "daemon/delivery/endpoints.h"

#include <algorithm>
#include <utility>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNever = TimePoint::max();
// A limited endpoint may catch up on this much of what it did not use.
constexpr double kBurstSeconds = 1;

double secondsBetween(TimePoint from, TimePoint to) {
    return std::chrono::duration<double>(to - from).count();
}

}  // namespace

Endpoints::Endpoints(EndpointLimits limits)
    : limits_(limits), send_free_(limits.send_slots), media_free_(limits.media_slots) {}

void Endpoints::due(const EndpointKey& key, TimePoint at) {
    Endpoint& endpoint = endpoints_[key];
    endpoint.next_due = std::min(endpoint.next_due, at);
}

void Endpoints::restore(const Outbox::BreakerRow& breaker) {
    endpoints_[breaker.endpoint].breaker = Breaker(breaker.open_until, breaker.opened_times);
}

bool Endpoints::setRate(const EndpointKey& key, double per_second) {
    Endpoint& endpoint = endpoints_[key];
    return std::exchange(endpoint.rate, per_second) != per_second;
}

bool Endpoints::setMost(const EndpointKey& key, std::size_t at_once) {
    Endpoint& endpoint = endpoints_[key];
    return std::exchange(endpoint.most, at_once) != at_once;
}

std::vector<Endpoints::Plan> Endpoints::plan(TimePoint now) {
    std::vector<Plan> plans;
    // Round robin: the one served first last time is served last now.
    auto it = endpoints_.upper_bound(last_served_);
    for (std::size_t i = 0; i < endpoints_.size(); ++i, ++it) {
        if (it == endpoints_.end()) it = endpoints_.begin();
        auto& [key, endpoint] = *it;
        const std::size_t limit = allowance(key, endpoint, now);
        if (limit == 0) continue;
        if (plans.empty()) last_served_ = key;
        (isMedia(key) ? media_free_ : send_free_) -= limit;
        endpoint.in_flight += limit;
        endpoint.is_leasing = true;
        endpoint.next_due = kNever;  // what becomes due from now on is noted by `due`
        plans.push_back({key, limit});
    }
    return plans;
}

std::size_t Endpoints::allowance(const EndpointKey& key, Endpoint& endpoint, TimePoint now) const {
    if (endpoint.is_leasing || endpoint.next_due > now || endpoint.paused_until > now) return 0;
    std::size_t most = std::min(limits_.per_endpoint, endpoint.breaker.allowance(now));
    if (endpoint.most > 0) most = std::min(most, endpoint.most);
    if (endpoint.in_flight >= most) return 0;
    // Never more than is left for others: whoever comes next finds a thread, however many are stuck.
    const std::size_t free = isMedia(key) ? media_free_ : send_free_;
    if (endpoint.in_flight >= free) return 0;
    std::size_t limit = std::min(most - endpoint.in_flight, (free - endpoint.in_flight + 1) / 2);
    if (endpoint.rate > 0) {
        refill(endpoint, now);
        limit = std::min(limit, static_cast<std::size_t>(endpoint.tokens));
    }
    return limit;
}

void Endpoints::refill(Endpoint& endpoint, TimePoint now) {
    const double most = std::max(1.0, endpoint.rate * kBurstSeconds);
    if (endpoint.refilled_at == TimePoint{}) endpoint.refilled_at = now;
    const double gained = std::max(0.0, secondsBetween(endpoint.refilled_at, now)) * endpoint.rate;
    endpoint.tokens = std::min(most, endpoint.tokens + gained);
    endpoint.refilled_at = now;
}

void Endpoints::leased(const Plan& planned, std::size_t taken, std::optional<TimePoint> next_due) {
    Endpoint& endpoint = endpoints_[planned.key];
    endpoint.is_leasing = false;
    endpoint.in_flight -= planned.limit - taken;
    (isMedia(planned.key) ? media_free_ : send_free_) += planned.limit - taken;
    if (endpoint.rate > 0) endpoint.tokens -= static_cast<double>(taken);
    if (next_due) endpoint.next_due = std::min(endpoint.next_due, *next_due);
}

void Endpoints::ended(const EndpointKey& key) {
    --endpoints_[key].in_flight;
    ++(isMedia(key) ? media_free_ : send_free_);
}

std::optional<Endpoints::BreakerChange> Endpoints::judge(const EndpointKey& key, Verdict verdict,
                                                         TimePoint now) {
    if (verdict == Verdict::Neither) return std::nullopt;
    Breaker& breaker = endpoints_[key].breaker;
    const bool is_failure = verdict == Verdict::NotAnswered;
    if (!(is_failure ? breaker.failed(now) : breaker.succeeded(now))) return std::nullopt;
    return BreakerChange{{key, breaker.openUntil(), breaker.openedTimes()}, is_failure};
}

void Endpoints::pause(const EndpointKey& key, TimePoint until) {
    Endpoint& endpoint = endpoints_[key];
    endpoint.paused_until = std::max(endpoint.paused_until, until);
}

TimePoint Endpoints::readyAt(const Endpoint& endpoint) const {
    if (endpoint.is_leasing || endpoint.next_due == kNever) return kNever;
    TimePoint at = std::max(endpoint.next_due, endpoint.paused_until);
    if (endpoint.breaker.state(at) == BreakerState::Open) at = endpoint.breaker.openUntil();
    if (endpoint.rate > 0 && endpoint.tokens < 1) {
        const auto wait = std::chrono::duration<double>((1 - endpoint.tokens) / endpoint.rate);
        at = std::max(at, endpoint.refilled_at + std::chrono::ceil<std::chrono::microseconds>(wait));
    }
    return at;
}

TimePoint Endpoints::nextLook(TimePoint now) const {
    TimePoint next = kNever;
    for (const auto& [key, endpoint] : endpoints_) {
        const TimePoint at = readyAt(endpoint);
        // Due, but without a free slot: the end of a try is what it waits for, and that rings.
        if (at > now) next = std::min(next, at);
    }
    return next;
}

void Endpoints::forgetIdle(TimePoint now) {
    std::erase_if(endpoints_, [&](const auto& entry) {
        const Endpoint& endpoint = entry.second;
        return endpoint.in_flight == 0 && endpoint.next_due == kNever && endpoint.paused_until <= now &&
               endpoint.rate == 0 && endpoint.breaker.isIdle(now);
    });
}

std::vector<EndpointKey> Endpoints::keys() const {
    std::vector<EndpointKey> keys;
    for (const auto& [key, endpoint] : endpoints_) keys.push_back(key);
    return keys;
}

std::vector<EndpointView> Endpoints::view(TimePoint now) const {
    std::vector<EndpointView> views;
    for (const auto& [key, endpoint] : endpoints_) {
        views.push_back({key, endpoint.breaker.state(now), endpoint.breaker.openUntil(), endpoint.in_flight});
    }
    return views;
}

}  // namespace signalbox
