#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_conversation_starts_a_run_when_channel_and_people_fit) {
    BOOST_TEST(
        NodeProbe("trigger.conversation", R"({})")
            .matches(
                R"({"type": "conversation.assigned", "conversation_id": "cnv_1", "channel": "whatsapp", "assignee": "eve", "team": "sales"})"));
    BOOST_TEST(
        NodeProbe("trigger.conversation",
                  R"({"events": "assigned", "team": "sales", "channel": ["whatsapp"]})")
            .matches(
                R"({"type": "conversation.assigned", "conversation_id": "cnv_1", "channel": "whatsapp", "assignee": "eve", "team": "sales"})"));
    BOOST_TEST(
        !NodeProbe("trigger.conversation", R"({"assignee": "bob"})")
             .matches(
                 R"({"type": "conversation.assigned", "conversation_id": "cnv_1", "channel": "whatsapp", "assignee": "eve", "team": "sales"})"));
    BOOST_TEST(
        !NodeProbe("trigger.conversation", R"({"condition": "previous != null"})")
             .matches(
                 R"({"type": "conversation.assigned", "conversation_id": "cnv_1", "channel": "whatsapp", "assignee": "eve", "team": "sales"})"));
}
