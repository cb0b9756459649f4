#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_webhook_starts_a_run_when_account_event_and_condition_hold) {
    const std::string event = R"({"account":"shop","content":{"event":"order.paid","body":{"amount":120}}})";

    BOOST_TEST(NodeProbe("trigger.webhook", "{}").matches(event));
    BOOST_TEST(NodeProbe("trigger.webhook", R"({"account":"shop","event":["order.paid","order.sent"]})")
                   .matches(event));
    BOOST_TEST(!NodeProbe("trigger.webhook", R"({"account":"other"})").matches(event));
    BOOST_TEST(!NodeProbe("trigger.webhook", R"({"event":"order.sent"})").matches(event));
    BOOST_TEST(NodeProbe("trigger.webhook", R"({"condition":"content.body.amount > 100"})").matches(event));
    BOOST_TEST(!NodeProbe("trigger.webhook", R"({"condition":"content.body.amount > 200"})").matches(event));
}
