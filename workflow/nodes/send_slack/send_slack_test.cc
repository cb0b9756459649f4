#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_text_goes_to_the_address_that_the_credential_keeps) {
    NodeProbe probe("send_slack", R"({"credential": "team", "text": "hi {{ item.n }}"})");

    const Json content = outcomeOf<Send>(probe.enter(R"({"item": {"n": "Ann"}})")).request["content"];

    BOOST_TEST(content["credential"] == "team");
    BOOST_TEST(!content.contains("url"));
    BOOST_TEST(dumpJson(content["body"]) == R"({"text":"hi Ann"})");
}

BOOST_AUTO_TEST_CASE(without_a_credential_it_cannot_be_published) {
    BOOST_TEST(!NodeProbe("send_slack", R"({"text": "x"})").faults().empty());
}
