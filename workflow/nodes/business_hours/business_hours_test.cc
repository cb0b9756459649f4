#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(hours_in_the_node_are_decided_at_once) {
    NodeProbe probe("business_hours", R"({"zone": "Europe/Berlin", "hours": {"mon": ["09:00-11:00"]}})");

    const Next open = outcomeOf<Next>(probe.enter());  // a Monday, ten o'clock in Berlin
    NodeProbe later("business_hours", R"({"hours": {"mon": ["09:00-11:00"]}, "at": "{{ item.at }}"})");
    const Next closed = outcomeOf<Next>(later.enter(R"({"item": {"at": "2026-01-05T11:00:00Z"}})"));

    BOOST_TEST(open.port == "open");
    BOOST_TEST((*open.output)["closes_at"] == "2026-01-05T11:00:00+01:00");
    BOOST_TEST(closed.port == "closed");
    BOOST_TEST((*closed.output)["opens_at"] == "2026-01-12T09:00:00+00:00");
}

BOOST_AUTO_TEST_CASE(a_calendar_of_the_organization_is_looked_at_also_in_dry_runs) {
    NodeProbe probe("business_hours", "{}");

    const Act act = outcomeOf<Act>(probe.enter());
    const Next next = outcomeOf<Next>(probe.resume(R"({"output": {"is_open": false}})"));

    BOOST_TEST(act.only_reads);
    BOOST_TEST(dumpJson(act.request) ==
               R"({"at":"2026-01-05T09:00:00.000Z","calendar":"default","kind":"calendar.look"})");
    BOOST_TEST(next.port == "closed");
}

BOOST_AUTO_TEST_CASE(hours_that_cannot_be_read_are_faults_of_the_node) {
    NodeProbe probe("business_hours", R"({"hours": {"mon": ["9-17"]}})");

    BOOST_REQUIRE(probe.faults().size() == 1U);
    BOOST_TEST(probe.faults()[0] == "hours.mon: must be a list of spans such as \"09:00-17:00\"");
}
