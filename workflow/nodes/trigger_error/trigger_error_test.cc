#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_failed_run_starts_it_when_workflow_node_status_and_kind_fit) {
    const std::string event =
        R"({"workflow": "orders", "node": "ask", "status": "failed", "error": {"kind": "rejected"}})";

    BOOST_TEST(NodeProbe("trigger.error", "{}").matches(event));
    BOOST_TEST(NodeProbe("trigger.error", R"({"workflow": ["orders", "mails"], "status": "failed"})")
                   .matches(event));
    BOOST_TEST(NodeProbe("trigger.error", R"({"node": "ask", "kind": "rejected"})").matches(event));
    BOOST_TEST(!NodeProbe("trigger.error", R"({"workflow": "mails"})").matches(event));
    BOOST_TEST(!NodeProbe("trigger.error", R"({"status": ["cancelled", "quarantined"]})").matches(event));
    BOOST_TEST(NodeProbe("trigger.error", R"({"condition": "error.kind == 'rejected'"})").matches(event));
}
