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

BOOST_AUTO_TEST_CASE(a_path_of_its_own_is_told_apart_from_accounts) {
    const std::string by_path = R"({"account":"_webhook","content":{"endpoint":{"path":"/webhooks/a"}}})";

    BOOST_TEST(NodeProbe("trigger.webhook", R"({"path": "a"})").matches(by_path));
    BOOST_TEST(!NodeProbe("trigger.webhook", "{}").matches(by_path));
    BOOST_TEST(
        !NodeProbe("trigger.webhook", R"({"path": "a"})").matches(R"({"account":"shop","content":{}})"));
}

BOOST_AUTO_TEST_CASE(a_path_and_its_proof_are_checked_before_publishing) {
    const auto faults = [](const std::string& params) {
        return NodeProbe("trigger.webhook", params).faults();
    };

    BOOST_TEST(faults(R"({"path": "orders/:id"})").empty());
    BOOST_TEST(!faults(R"({"path": "/orders"})").empty());
    BOOST_TEST(!faults(R"({"path": "a b"})").empty());
    BOOST_TEST(!faults(R"({"path": "a", "account": "shop"})").empty());
    BOOST_TEST(faults(R"({"path": "a", "verify": {"kind": "hmac"}})")[0] ==
               "verify.credential: is missing; name a credential of type signing");
}
