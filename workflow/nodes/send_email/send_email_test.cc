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
