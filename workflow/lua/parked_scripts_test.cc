#include "workflow/lua/parked_scripts.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/fake_clock.h"

namespace signalbox::workflow {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(three_kills_within_ten_minutes_park_a_script_for_ten_minutes) {
    FakeClock clock;
    ParkedScripts parked(clock);

    parked.noteKill("a");
    clock.advance(4min);
    parked.noteKill("a");
    BOOST_TEST(!parked.parkedUntil("a"));
    clock.advance(4min);
    parked.noteKill("a");

    BOOST_REQUIRE(parked.parkedUntil("a"));
    BOOST_TEST((*parked.parkedUntil("a") == clock.now() + 10min));
    BOOST_TEST(!parked.parkedUntil("b"));
    clock.advance(10min);
    BOOST_TEST(!parked.parkedUntil("a"));
}

BOOST_AUTO_TEST_CASE(kills_further_apart_park_nothing) {
    FakeClock clock;
    ParkedScripts parked(clock);

    for (int i = 0; i < 10; ++i) {
        parked.noteKill("a");
        clock.advance(6min);
    }

    BOOST_TEST(!parked.parkedUntil("a"));
}

}  // namespace signalbox::workflow
