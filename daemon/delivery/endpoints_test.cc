#include "daemon/delivery/endpoints.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = *parseRfc3339("2026-01-05T09:00:00Z");
const EndpointKey kA{1, "send"}, kB{2, "send"}, kC{3, "send"}, kFiles{1, "media"};

// All that is planned, taken to the last row, with more behind it.
std::map<EndpointKey, std::size_t> takeAll(Endpoints& endpoints, TimePoint now = kNow) {
    std::map<EndpointKey, std::size_t> taken;
    for (const auto& plan : endpoints.plan(now)) {
        endpoints.leased(plan, plan.limit, now);
        taken[plan.key] += plan.limit;
    }
    return taken;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_endpoint_gets_its_share_and_leaves_slots_for_the_next) {
    Endpoints endpoints({16, 4, 8});
    endpoints.due(kA, kNow);
    BOOST_TEST(takeAll(endpoints)[kA] == 8U);
    BOOST_TEST(takeAll(endpoints)[kA] == 0U);

    endpoints.due(kB, kNow);
    endpoints.due(kC, kNow);
    const auto taken = takeAll(endpoints);

    BOOST_TEST(taken.at(kB) == 4U);
    BOOST_TEST(taken.at(kC) == 2U);
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_takes_one_by_one_gets_no_more_than_its_share) {
    Endpoints endpoints({16, 4, 8});
    std::map<EndpointKey, std::size_t> taken;

    for (int i = 0; i < 20; ++i) {
        for (const auto& key : {kA, kB}) {
            endpoints.due(key, kNow);
            for (const auto& plan : endpoints.plan(kNow)) {
                endpoints.leased(plan, 1, std::nullopt);
                ++taken[plan.key];
            }
        }
    }

    BOOST_TEST(taken[kA] + taken[kB] < 14U);
    endpoints.due(kC, kNow);
    BOOST_TEST(takeAll(endpoints).at(kC) >= 1U);
}

BOOST_AUTO_TEST_CASE(a_provider_that_takes_few_at_once_gets_no_more) {
    Endpoints endpoints({16, 4, 8});
    BOOST_TEST(endpoints.setMost(kA, 3));
    BOOST_TEST(!endpoints.setMost(kA, 3));
    endpoints.due(kA, kNow);

    BOOST_TEST(takeAll(endpoints)[kA] == 3U);
    BOOST_TEST(takeAll(endpoints)[kA] == 0U);
    endpoints.ended(kA);
    BOOST_TEST(takeAll(endpoints)[kA] == 1U);
}

BOOST_AUTO_TEST_CASE(files_and_messages_have_slots_of_their_own) {
    Endpoints endpoints({16, 4, 8});
    endpoints.due(kFiles, kNow);
    BOOST_TEST(takeAll(endpoints)[kFiles] == 2U);
    endpoints.due(kA, kNow);

    BOOST_TEST(takeAll(endpoints).at(kA) == 8U);
}

BOOST_AUTO_TEST_CASE(nothing_is_planned_before_it_is_due) {
    Endpoints endpoints({16, 4, 8});
    endpoints.due(kA, kNow + 10s);

    BOOST_TEST(endpoints.plan(kNow).empty());
    BOOST_TEST((endpoints.nextLook(kNow) == kNow + 10s));
    BOOST_TEST(endpoints.plan(kNow + 10s).size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_becomes_due_during_a_lease_is_not_forgotten_by_its_end) {
    Endpoints endpoints({16, 4, 8});
    endpoints.due(kA, kNow);
    const auto plans = endpoints.plan(kNow);
    endpoints.due(kA, kNow + 1s);

    endpoints.leased(plans.at(0), 0, std::nullopt);

    BOOST_TEST((endpoints.nextLook(kNow) == kNow + 1s));
}

BOOST_AUTO_TEST_CASE(an_open_breaker_stops_the_leases_and_one_probe_follows) {
    Endpoints endpoints({16, 4, 8});
    endpoints.due(kA, kNow);
    takeAll(endpoints);
    std::optional<Endpoints::BreakerChange> change;
    for (int i = 0; i < 5; ++i) {
        change = endpoints.judge(kA, Verdict::NotAnswered, kNow);
        endpoints.ended(kA);
    }
    BOOST_REQUIRE(change.has_value());
    BOOST_TEST(change->is_open);
    for (int i = 0; i < 3; ++i) endpoints.ended(kA);

    BOOST_TEST(endpoints.plan(kNow).empty());
    BOOST_TEST((endpoints.nextLook(kNow) == kNow + 30s));
    BOOST_TEST(takeAll(endpoints, kNow + 30s).at(kA) == 1U);
    BOOST_TEST(takeAll(endpoints, kNow + 30s).empty());
}

BOOST_AUTO_TEST_CASE(a_rate_limit_lets_its_burst_through_and_then_so_many_a_second) {
    Endpoints endpoints({64, 4, 32});
    endpoints.setRate(kA, 4);
    endpoints.due(kA, kNow);
    std::size_t sent = 0;

    for (auto at = kNow; at < kNow + 10s; at += 50ms) {
        for (const auto& [key, taken] : takeAll(endpoints, at)) {
            sent += taken;
            for (std::size_t i = 0; i < taken; ++i) endpoints.ended(key);
        }
    }

    BOOST_TEST(sent >= 40U);
    BOOST_TEST(sent <= 44U);
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_is_out_of_tokens_knows_when_it_has_one) {
    Endpoints endpoints({64, 4, 32});
    endpoints.setRate(kA, 0.5);
    endpoints.due(kA, kNow);
    BOOST_TEST(takeAll(endpoints)[kA] == 1U);
    BOOST_TEST(endpoints.plan(kNow).empty());

    BOOST_TEST((endpoints.nextLook(kNow) == kNow + 2s));
    BOOST_TEST(endpoints.plan(kNow + 2s).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_pause_holds_the_endpoint_and_no_other) {
    Endpoints endpoints({16, 4, 8});
    endpoints.due(kA, kNow);
    endpoints.due(kB, kNow);
    endpoints.pause(kA, kNow + 5s);

    const auto plans = endpoints.plan(kNow);

    BOOST_REQUIRE(plans.size() == 1U);
    BOOST_TEST((plans[0].key == kB));
}

BOOST_AUTO_TEST_CASE(hosts_that_are_no_longer_used_are_forgotten) {
    Endpoints endpoints({16, 4, 8});
    const EndpointKey host{1, "http a.example.com"};
    endpoints.due(host, kNow);
    const auto plans = endpoints.plan(kNow);
    endpoints.leased(plans.at(0), 1, std::nullopt);
    endpoints.forgetIdle(kNow);
    BOOST_TEST(endpoints.keys().size() == 1U);
    endpoints.judge(host, Verdict::Answered, kNow);
    endpoints.ended(host);

    endpoints.forgetIdle(kNow + 6min);

    BOOST_TEST(endpoints.keys().empty());
}

}  // namespace signalbox
