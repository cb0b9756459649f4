#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_reply_is_the_next_message_of_the_runs_conversation) {
    NodeProbe probe("wait_reply", R"({"condition":"message.type == 'text'"})");

    const auto await = outcomeOf<Await>(
        probe.enter(R"({"item":{},"trigger":{"message":{"conversation_id":"cnv_0c3k9q2m4x7va"}}})"));

    BOOST_TEST(await.key == "event:message.received:conversation=cnv_0c3k9q2m4x7va");
    BOOST_TEST(!await.deadline.has_value());
    BOOST_TEST(probe.matches(R"({"message":{"type":"text"}})"));
    BOOST_TEST(!probe.matches(R"({"message":{"type":"image"}})"));
    BOOST_TEST(!probe.matches(R"({"message":{"type":"text","content":{"auto_kind":"auto_generated"}}})"));
    BOOST_TEST(outcomeOf<Next>(probe.resume(R"({"message":{}})")).port == "reply");
    BOOST_TEST(outcomeOf<Next>(probe.resume(R"({"timed_out":true})")).port == "timeout");
}

BOOST_AUTO_TEST_CASE(without_a_conversation_there_is_nothing_to_wait_for) {
    NodeProbe probe("wait_reply", "{}");

    BOOST_TEST(!probe.enter(R"({"item":{},"trigger":{}})").ok());
    NodeProbe named("wait_reply", R"({"conversation":"{{ item.c }}"})");
    BOOST_TEST(outcomeOf<Await>(named.enter(R"({"item":{"c":"cnv_0c3k9q2m4x7va"}})"))
                   .key.ends_with("cnv_0c3k9q2m4x7va"));
}
