#include "daemon/delivery/breaker.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart = *parseRfc3339("2026-01-05T09:00:00Z");

Breaker openBreaker(TimePoint now) {
    Breaker breaker;
    for (int i = 0; i < 5; ++i) breaker.failed(now);
    return breaker;
}

}  // namespace

BOOST_AUTO_TEST_CASE(five_failures_in_a_row_open_it_for_half_a_minute) {
    Breaker breaker;

    for (int i = 0; i < 4; ++i) BOOST_TEST(!breaker.failed(kStart));
    BOOST_TEST(breaker.failed(kStart));

    BOOST_TEST(breaker.allowance(kStart) == 0U);
    BOOST_TEST(breaker.allowance(kStart + 29s) == 0U);
    BOOST_TEST(breaker.allowance(kStart + 30s) == 1U);
    BOOST_TEST(toString(breaker.state(kStart + 30s)) == "half_open");
}

BOOST_AUTO_TEST_CASE(seven_failures_of_ten_open_it_and_six_do_not) {
    const auto tries = [](const std::string& marks) {
        Breaker breaker;
        for (const char mark : marks) mark == 'x' ? breaker.failed(kStart) : breaker.succeeded(kStart);
        return std::string(toString(breaker.state(kStart)));
    };

    BOOST_TEST(tries("xxoxxoxxox") == "open");
    BOOST_TEST(tries("xxoxxoxxoo") == "closed");
    BOOST_TEST(tries("xxoxxox") == "closed");
}

BOOST_AUTO_TEST_CASE(what_is_older_than_five_minutes_is_forgotten) {
    Breaker breaker;
    for (const char mark : std::string("xxoxxoxx"))
        mark == 'x' ? breaker.failed(kStart) : breaker.succeeded(kStart);
    breaker.succeeded(kStart + 5min);

    BOOST_TEST(!breaker.failed(kStart + 5min));

    BOOST_TEST(!breaker.isIdle(kStart + 5min));
    BOOST_TEST(breaker.isIdle(kStart + 11min));
}

BOOST_AUTO_TEST_CASE(three_probes_that_succeed_close_it) {
    Breaker breaker = openBreaker(kStart);

    BOOST_TEST(!breaker.succeeded(kStart + 30s));
    BOOST_TEST(!breaker.succeeded(kStart + 31s));
    BOOST_TEST(breaker.succeeded(kStart + 32s));

    BOOST_TEST(toString(breaker.state(kStart + 32s)) == "closed");
}

BOOST_AUTO_TEST_CASE(a_probe_that_fails_doubles_the_pause_up_to_ten_minutes) {
    Breaker breaker = openBreaker(kStart);
    TimePoint now = kStart;
    std::vector<long> pauses;

    for (int i = 0; i < 6; ++i) {
        pauses.push_back(std::chrono::duration_cast<std::chrono::seconds>(breaker.openUntil() - now).count());
        now = breaker.openUntil();
        BOOST_TEST(breaker.failed(now));
    }

    BOOST_TEST(pauses == (std::vector<long>{30, 60, 120, 240, 480, 600}));
}

BOOST_AUTO_TEST_CASE(late_answers_of_tries_from_before_do_not_move_an_open_breaker) {
    Breaker breaker = openBreaker(kStart);

    BOOST_TEST(!breaker.failed(kStart + 1s));
    for (int i = 0; i < 3; ++i) BOOST_TEST(!breaker.succeeded(kStart + 1s));

    BOOST_TEST((breaker.openUntil() == kStart + 30s));
    BOOST_TEST(toString(breaker.state(kStart + 1s)) == "open");
}

BOOST_AUTO_TEST_CASE(a_breaker_that_was_saved_goes_on_where_it_was) {
    Breaker breaker(kStart + 60s, 2);

    BOOST_TEST(toString(breaker.state(kStart)) == "open");
    BOOST_TEST(breaker.failed(kStart + 60s));

    BOOST_TEST((breaker.openUntil() == kStart + 60s + 120s));
}

}  // namespace signalbox
