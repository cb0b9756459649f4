#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(patterns_stand_for_the_types_that_are_known) {
    const auto& type = *findNodeType("trigger.event");

    BOOST_TEST(type.eventTypesFor({{"event", "call.*"}}).size() == 4U);
    BOOST_TEST((type.eventTypesFor({{"event", {"lead.created", "custom.order-paid"}}}) ==
                std::vector<std::string>{"lead.created", "custom.order-paid"}));
    BOOST_TEST(type.eventTypesFor({{"event", "*"}}).size() > 25U);
}

BOOST_AUTO_TEST_CASE(a_condition_decides_and_unknown_events_are_refused) {
    BOOST_TEST(NodeProbe("trigger.event", R"({"event":"custom.paid","condition":"total > 5"})")
                   .matches(R"({"total":6})"));
    BOOST_TEST(!NodeProbe("trigger.event", R"({"event":"custom.paid","condition":"total > 5"})")
                    .matches(R"({"total":5})"));
    BOOST_TEST(NodeProbe("trigger.event", R"({"event":"lead.create"})").faults().size() == 1U);
    BOOST_TEST(!NodeProbe("trigger.event", "{}").faults().empty());
}
