#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_new_lead_starts_a_run_when_source_and_condition_fit) {
    BOOST_TEST(
        NodeProbe("trigger.lead_created", R"({})")
            .matches(
                R"({"type": "lead.created", "lead": {"id": "l1", "source": "form", "pipeline": "sales", "stage": "new", "value": {"amount": 500000}}})"));
    BOOST_TEST(
        NodeProbe("trigger.lead_created",
                  R"({"source": ["form", "ad"], "condition": "lead.value.amount > 100000"})")
            .matches(
                R"({"type": "lead.created", "lead": {"id": "l1", "source": "form", "pipeline": "sales", "stage": "new", "value": {"amount": 500000}}})"));
    BOOST_TEST(
        !NodeProbe("trigger.lead_created", R"({"pipeline": "support"})")
             .matches(
                 R"({"type": "lead.created", "lead": {"id": "l1", "source": "form", "pipeline": "sales", "stage": "new", "value": {"amount": 500000}}})"));
    BOOST_TEST(
        !NodeProbe("trigger.lead_created", R"({"condition": "lead.value.amount > 900000"})")
             .matches(
                 R"({"type": "lead.created", "lead": {"id": "l1", "source": "form", "pipeline": "sales", "stage": "new", "value": {"amount": 500000}}})"));
}
