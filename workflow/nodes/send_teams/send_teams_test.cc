#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_text_goes_to_the_address_that_the_credential_keeps) {
    NodeProbe probe("send_teams", R"({"credential": "team", "text": "hi {{ item.n }}"})");

    const Json content = outcomeOf<Send>(probe.enter(R"({"item": {"n": "Ann"}})")).request["content"];

    BOOST_TEST(content["credential"] == "team");
    BOOST_TEST(!content.contains("url"));
    BOOST_TEST(
        dumpJson(content["body"]) ==
        R"({"attachments":[{"content":{"body":[{"text":"hi Ann","type":"TextBlock","wrap":true}],"type":"AdaptiveCard",)"
        R"("version":"1.4"},"contentType":"application/vnd.microsoft.card.adaptive"}],"type":"message"})");
}

BOOST_AUTO_TEST_CASE(without_a_credential_it_cannot_be_published) {
    BOOST_TEST(!NodeProbe("send_teams", R"({"text": "x"})").faults().empty());
}
