#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_lead_that_moves_starts_a_run_when_the_stages_fit) {
    BOOST_TEST(
        NodeProbe("trigger.lead_stage", R"({})")
            .matches(
                R"({"type": "lead.stage_changed", "lead": {"id": "l1", "pipeline": "sales"}, "from_stage": "offer", "to_stage": "won"})"));
    BOOST_TEST(
        NodeProbe("trigger.lead_stage", R"({"from": "offer", "to": ["won", "lost"]})")
            .matches(
                R"({"type": "lead.stage_changed", "lead": {"id": "l1", "pipeline": "sales"}, "from_stage": "offer", "to_stage": "won"})"));
    BOOST_TEST(
        !NodeProbe("trigger.lead_stage", R"({"to": "lost"})")
             .matches(
                 R"({"type": "lead.stage_changed", "lead": {"id": "l1", "pipeline": "sales"}, "from_stage": "offer", "to_stage": "won"})"));
    BOOST_TEST(
        !NodeProbe("trigger.lead_stage", R"({"from": "new"})")
             .matches(
                 R"({"type": "lead.stage_changed", "lead": {"id": "l1", "pipeline": "sales"}, "from_stage": "offer", "to_stage": "won"})"));
    BOOST_TEST(
        !NodeProbe("trigger.lead_stage", R"({"pipeline": "support"})")
             .matches(
                 R"({"type": "lead.stage_changed", "lead": {"id": "l1", "pipeline": "sales"}, "from_stage": "offer", "to_stage": "won"})"));
}
