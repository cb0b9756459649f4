#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_delay_counts_from_the_runs_recorded_time) {
    NodeProbe probe("wait", R"({"seconds":"{{ item.s }}"})");

    BOOST_TEST(toRfc3339(outcomeOf<Sleep>(probe.enter(R"({"item":{"s":1.5}})")).until) ==
               "2026-01-05T09:00:01.500Z");
    BOOST_TEST(!outcomeOf<Next>(probe.resume("null")).output.has_value());
}

BOOST_AUTO_TEST_CASE(a_point_of_time_may_have_any_offset) {
    NodeProbe probe("wait", R"({"until":"2026-01-05T12:00:00+02:00"})");

    BOOST_TEST(toRfc3339(outcomeOf<Sleep>(probe.enter()).until) == "2026-01-05T10:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(nonsense_is_refused) {
    BOOST_TEST(NodeProbe("wait", "{}").faults().size() == 1U);
    BOOST_TEST(NodeProbe("wait", R"({"seconds":1,"until":"2026-01-05T12:00:00Z"})").faults().size() == 1U);
    BOOST_TEST(NodeProbe("wait", R"({"seconds":1,"until":"x"})").faults().size() == 2U);
    BOOST_TEST(!NodeProbe("wait", R"({"seconds":"{{ item.s }}"})").enter(R"({"item":{"s":"soon"}})").ok());
    BOOST_TEST(!NodeProbe("wait", R"({"seconds":"{{ item.s }}"})").enter(R"({"item":{"s":-1}})").ok());
    BOOST_TEST(NodeProbe("wait", R"({"until":"tomorrow"})").faults().size() == 1U);
    BOOST_TEST(
        !NodeProbe("wait", R"({"until":"{{ item.day }}"})").enter(R"({"item":{"day":"tomorrow"}})").ok());
}
