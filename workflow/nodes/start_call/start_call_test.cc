#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_call_is_a_message_of_the_channel_voice) {
    NodeProbe probe("start_call",
                    R"({"account": "phone", "to": "+491", "say": "Hi {{ item.n }}", "ring_s": 20})");

    BOOST_TEST(
        dumpJson(outcomeOf<Send>(probe.enter(R"({"item": {"n": "Ann"}})")).request) ==
        R"({"account":"phone","channel":"voice","content":{"ring_s":20,"say":"Hi Ann"},"text":"Hi Ann","to":"+491","type":"call"})");
}

BOOST_AUTO_TEST_CASE(what_is_said_comes_from_one_place) {
    BOOST_TEST(!NodeProbe("start_call", R"({"account": "a", "to": "+491"})").faults().empty());
    BOOST_TEST(!NodeProbe("start_call",
                          R"({"account": "a", "to": "+491", "say": "x", "answer_url": "https://x.test"})")
                    .faults()
                    .empty());
}
