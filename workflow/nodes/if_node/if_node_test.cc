#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(the_condition_picks_the_port_and_the_data_pass_unchanged) {
    NodeProbe probe("if", R"({"condition":"message.text | lower contains \"price\""})");

    const Next yes = outcomeOf<Next>(probe.enter(R"({"message":{"text":"PRICE?"},"item":{"a":1}})"));
    const Next no = outcomeOf<Next>(probe.enter(R"({"message":{"text":"hello"},"item":{"a":1}})"));

    BOOST_TEST(yes.port == "true");
    BOOST_TEST(no.port == "false");
    BOOST_TEST(!yes.output.has_value());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_compared_is_an_error_of_the_node) {
    BOOST_TEST(
        !NodeProbe("if", R"({"condition":"item.a < item.b"})").enter(R"({"item":{"a":[1],"b":{}}})").ok());
}
