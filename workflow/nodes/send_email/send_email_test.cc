#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_mail_names_its_channel_and_leaves_the_account_to_the_organization) {
    NodeProbe probe("send_email",
                    R"({"type": "send_email", "to": "{{ item.m }}", "subject": "Hi", "text": "x"})");

    const Send send = outcomeOf<Send>(probe.enter(R"({"item": {"m": "ann@x.test"}})"));

    BOOST_TEST(dumpJson(send.request) ==
               R"({"channel":"email","subject":"Hi","text":"x","to":"ann@x.test","type":"text"})");
}

BOOST_AUTO_TEST_CASE(a_mail_in_the_conversation_answers_the_one_that_started_the_run) {
    NodeProbe probe("send_email", R"({"type": "send_email", "text": "x", "reply_all": true})");
    const std::string bounce =
        R"({"trigger": {"message": {"id": "msg_2", "conversation_id": "cnv_1", "channel": "email",)"
        R"( "direction": "in", "content": {"auto_kind": "bounce"}}}})";

    const Send answer = outcomeOf<Send>(probe.enter(
        R"({"trigger": {"message": {"id": "msg_1", "conversation_id": "cnv_1", "channel": "email",)"
        R"( "direction": "in", "content": {}}}})"));
    const Send after_bounce = outcomeOf<Send>(probe.enter(bounce));

    BOOST_TEST(textAt(answer.request, "reply_to") == "msg_1");
    BOOST_TEST(flagAt(answer.request, "reply_all"));
    BOOST_TEST(!after_bounce.request.contains("reply_to"));
}
