#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_record_starts_a_run_when_object_and_change_fit) {
    BOOST_TEST(
        NodeProbe("trigger.crm", R"({})")
            .matches(
                R"({"type": "crm.record_changed", "system": "hubspot", "object": "deal", "id": "9", "change": "updated", "record": {"stage": "won"}, "changed": ["stage"]})"));
    BOOST_TEST(
        NodeProbe("trigger.crm",
                  R"({"object": "deal", "condition": "changed contains 'stage' and record.stage == 'won'"})")
            .matches(
                R"({"type": "crm.record_changed", "system": "hubspot", "object": "deal", "id": "9", "change": "updated", "record": {"stage": "won"}, "changed": ["stage"]})"));
    BOOST_TEST(
        !NodeProbe("trigger.crm", R"({"object": "contact"})")
             .matches(
                 R"({"type": "crm.record_changed", "system": "hubspot", "object": "deal", "id": "9", "change": "updated", "record": {"stage": "won"}, "changed": ["stage"]})"));
    BOOST_TEST(
        !NodeProbe("trigger.crm", R"({"change": ["created", "deleted"]})")
             .matches(
                 R"({"type": "crm.record_changed", "system": "hubspot", "object": "deal", "id": "9", "change": "updated", "record": {"stage": "won"}, "changed": ["stage"]})"));
}
