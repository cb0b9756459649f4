// Whose turn it is: for each endpoint what is known about due rows, tries in flight, its breaker and its
// limit of speed. Decides how many rows each may lease now, so that a slow or busy endpoint never takes the
// threads that others need. Not thread-safe: the dispatcher's lock guards it.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "daemon/delivery/breaker.h"
#include "daemon/delivery/retry_policy.h"
#include "hub/outbox/outbox.h"

namespace signalbox {

struct EndpointLimits {
    std::size_t send_slots = 32;  // tries at once, files not counted
    std::size_t media_slots = 4;
    std::size_t per_endpoint = 8;
};

struct EndpointView {
    EndpointKey key;
    BreakerState breaker = BreakerState::Closed;
    TimePoint open_until{};
    std::size_t in_flight = 0;
};

class Endpoints {
public:
    explicit Endpoints(EndpointLimits limits);

    // Rows of this endpoint are (or will be) due at `at`.
    void due(const EndpointKey& key, TimePoint at);
    void restore(const Outbox::BreakerRow& breaker);
    // 0: not limited. True when that is news.
    bool setRate(const EndpointKey& key, double per_second);

    // How many tries at once the provider takes; 0: as all. True when that is news.
    bool setMost(const EndpointKey& key, std::size_t at_once);

    struct Plan {
        EndpointKey key;
        std::size_t limit = 0;
    };
    // What may be leased now. The slots are taken until `leased` tells what became of them.
    std::vector<Plan> plan(TimePoint now);
    // `taken` of `planned` rows were leased; `next_due`: of what is left.
    void leased(const Plan& planned, std::size_t taken, std::optional<TimePoint> next_due);
    void ended(const EndpointKey& key);

    // The breaker's new state when it changed: to be saved (open) or forgotten (closed).
    struct BreakerChange {
        Outbox::BreakerRow row;
        bool is_open = false;
    };
    std::optional<BreakerChange> judge(const EndpointKey& key, Verdict verdict, TimePoint now);
    // Nothing is leased before `until`: the provider asked for a pause, or there is no connector.
    void pause(const EndpointKey& key, TimePoint until);

    // When `plan` may have something without anything else happening.
    TimePoint nextLook(TimePoint now) const;
    void forgetIdle(TimePoint now);
    std::vector<EndpointKey> keys() const;
    std::vector<EndpointView> view(TimePoint now) const;

private:
    struct Endpoint {
        TimePoint next_due = TimePoint::max();
        TimePoint paused_until{};
        std::size_t in_flight = 0;  // leased, or being leased
        bool is_leasing = false;
        Breaker breaker;
        std::size_t most = 0;
        double rate = 0, tokens = 1;
        TimePoint refilled_at{};
    };
    static bool isMedia(const EndpointKey& key) { return key.name == kMediaEndpoint; }
    TimePoint readyAt(const Endpoint& endpoint) const;
    std::size_t allowance(const EndpointKey& key, Endpoint& endpoint, TimePoint now) const;
    static void refill(Endpoint& endpoint, TimePoint now);

    const EndpointLimits limits_;
    std::size_t send_free_, media_free_;
    std::map<EndpointKey, Endpoint> endpoints_;
    EndpointKey last_served_;
};

}  // namespace signalbox
