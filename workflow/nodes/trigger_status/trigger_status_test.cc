#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_status_starts_a_run_when_state_account_and_code_fit) {
    BOOST_TEST(
        NodeProbe("trigger.status", R"({})")
            .matches(R"({"type": "message.status", "state": "failed", "account": "wa", "code": "131047"})"));
    BOOST_TEST(
        NodeProbe("trigger.status", R"({"state": ["failed", "uncertain"], "account": "wa"})")
            .matches(R"({"type": "message.status", "state": "failed", "account": "wa", "code": "131047"})"));
    BOOST_TEST(
        !NodeProbe("trigger.status", R"({"state": "read"})")
             .matches(R"({"type": "message.status", "state": "failed", "account": "wa", "code": "131047"})"));
    BOOST_TEST(
        !NodeProbe("trigger.status", R"({"code": "1"})")
             .matches(R"({"type": "message.status", "state": "failed", "account": "wa", "code": "131047"})"));
    BOOST_TEST(
        !NodeProbe("trigger.status", R"({"condition": "state == 'sent'"})")
             .matches(R"({"type": "message.status", "state": "failed", "account": "wa", "code": "131047"})"));
}
