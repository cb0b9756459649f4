#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(an_sms_names_its_channel_and_its_account_where_one_is_given) {
    NodeProbe probe("send_sms", R"({"account": "main", "to": "+491", "text": "x"})");

    BOOST_TEST(dumpJson(outcomeOf<Send>(probe.enter()).request) ==
               R"({"account":"main","channel":"sms","text":"x","to":"+491","type":"text"})");
    BOOST_TEST(!NodeProbe("send_sms", R"({"account": "main", "text": "x"})").faults().empty());
}
