#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_call_starts_a_run_when_direction_and_queue_fit) {
    BOOST_TEST(
        NodeProbe("trigger.call", R"({})")
            .matches(
                R"({"type": "call.missed", "call": {"id": "c1", "direction": "inbound", "queue": "sales", "to": "+4930"}})"));
    BOOST_TEST(
        NodeProbe("trigger.call", R"({"direction": "inbound", "queue": ["sales", "support"]})")
            .matches(
                R"({"type": "call.missed", "call": {"id": "c1", "direction": "inbound", "queue": "sales", "to": "+4930"}})"));
    BOOST_TEST(
        !NodeProbe("trigger.call", R"({"direction": "outbound"})")
             .matches(
                 R"({"type": "call.missed", "call": {"id": "c1", "direction": "inbound", "queue": "sales", "to": "+4930"}})"));
    BOOST_TEST(
        !NodeProbe("trigger.call", R"({"condition": "call.duration_s > 1"})")
             .matches(
                 R"({"type": "call.missed", "call": {"id": "c1", "direction": "inbound", "queue": "sales", "to": "+4930"}})"));
}

BOOST_AUTO_TEST_CASE(only_the_events_that_are_asked_for_are_listened_to) {
    const auto& type = *findNodeType("trigger.call");

    BOOST_TEST(type.eventTypesFor(Json::object()).size() == 4U);
    BOOST_TEST((type.eventTypesFor({{"events", {"missed", "ended"}}}) ==
                std::vector<std::string>{"call.missed", "call.ended"}));
    BOOST_TEST((type.eventTypesFor({{"events", "answered"}}) == std::vector<std::string>{"call.answered"}));
    BOOST_TEST(!NodeProbe("trigger.call", R"({"events":["rang"]})").faults().empty());
}
