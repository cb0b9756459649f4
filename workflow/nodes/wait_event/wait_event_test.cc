#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_wait_is_keyed_by_type_path_and_value) {
    NodeProbe probe(
        "wait_event",
        R"({"event":"custom.paid","key_path":"order.id","key":"{{ item.order }}","timeout_s":60})");

    const auto await = outcomeOf<Await>(probe.enter(R"({"item":{"order":17}})"));

    BOOST_TEST(await.key == "event:custom.paid:order.id=17");
    BOOST_TEST(toRfc3339(*await.deadline) == "2026-01-05T09:01:00.000Z");
    BOOST_TEST(!probe.enter(R"({"item":{}})").ok());
}

BOOST_AUTO_TEST_CASE(event_and_time_out_leave_through_their_own_ports) {
    NodeProbe probe("wait_event", R"({"event":"call.ended","condition":"call.duration_s > 5"})");

    BOOST_TEST(outcomeOf<Await>(probe.enter()).key == "event:call.ended:=");
    BOOST_TEST(probe.matches(R"({"call":{"duration_s":6}})"));
    BOOST_TEST(!probe.matches(R"({"call":{"duration_s":5}})"));
    BOOST_TEST(outcomeOf<Next>(probe.resume(R"({"call":{"id":"c"}})")).port == "event");
    BOOST_TEST(outcomeOf<Next>(probe.resume(R"({"timed_out":true})")).port == "timeout");
}

BOOST_AUTO_TEST_CASE(nonsense_is_refused) {
    BOOST_TEST(NodeProbe("wait_event", R"({"event":"call.endet"})").faults().size() == 1U);
    BOOST_TEST(NodeProbe("wait_event", R"({"event":"call.ended","key":"x"})").faults().size() == 1U);
}
