#include "workflow/graph/node_policy.h"

#include <boost/test/unit_test.hpp>

namespace signalbox::workflow {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(retry_rule)

BOOST_AUTO_TEST_CASE(each_wait_is_longer_until_the_cap_and_chance_adds_its_part) {
    const RetryRule rule{.attempts = 9, .first_wait_s = 2, .factor = 3, .max_wait_s = 20, .jitter = 0.5};
    const Error error{ErrorKind::Unavailable, "down"};

    BOOST_TEST((rule.wait(1, error, 0) == 2s));
    BOOST_TEST((rule.wait(2, error, 0) == 6s));
    BOOST_TEST((rule.wait(3, error, 0) == 18s));
    BOOST_TEST((rule.wait(4, error, 0) == 20s));
    BOOST_TEST((rule.wait(1, error, 1) == 3s));
}

BOOST_AUTO_TEST_CASE(what_the_other_side_asked_for_is_waited_at_least) {
    const RetryRule rule{.first_wait_s = 10, .jitter = 0};
    Error error{ErrorKind::Throttled, "slow down", 3s};

    BOOST_TEST((rule.wait(1, error, 0) == 10s));
    error.retry_after = 3600s;
    BOOST_TEST((rule.wait(1, error, 0) == 3600s));  // also beyond max_wait_s
}

BOOST_AUTO_TEST_CASE(an_error_that_stays_is_not_tried_again_unless_it_is_named) {
    const Error refused{ErrorKind::Rejected, "no such number", {}, "131026"};

    BOOST_TEST(!RetryRule{}.covers(refused));
    BOOST_TEST(RetryRule{}.covers({ErrorKind::Unavailable, "down"}));
    BOOST_TEST(RetryRule{.on = {"131026"}}.covers(refused));
    BOOST_TEST(RetryRule{.on = {"any"}}.covers(refused));
    BOOST_TEST(!RetryRule{.on = {"131026"}}.covers({ErrorKind::Unavailable, "down"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace signalbox::workflow
