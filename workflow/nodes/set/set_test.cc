#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(fields_are_filled_in_and_keep_their_types) {
    NodeProbe probe(
        "set",
        R"({"fields":{"n":"{{ item.n }}","deep":{"list":["{{ item.name | upper }}",1]},"text":"no {{ item.n }}"}})");

    const Next next = outcomeOf<Next>(probe.enter(R"({"item":{"n":5,"name":"ann"}})"));

    BOOST_TEST(dumpJson(*next.output) == R"({"deep":{"list":["ANN",1]},"n":5,"name":"ann","text":"no 5"})");
}

BOOST_AUTO_TEST_CASE(the_incoming_data_stay_away_when_asked) {
    NodeProbe probe("set", R"({"keep":false,"fields":{"a":1}})");

    BOOST_TEST(dumpJson(*outcomeOf<Next>(probe.enter(R"({"item":{"b":2}})")).output) == R"({"a":1})");
}

BOOST_AUTO_TEST_CASE(without_fields_the_incoming_data_go_on_whatever_they_are) {
    NodeProbe probe("set", R"({"fields":{}})");

    BOOST_TEST(!outcomeOf<Next>(probe.enter(R"({"item":[1,2]})")).output);
}

BOOST_AUTO_TEST_CASE(a_bad_template_names_its_field) {
    const NodeProbe probe("set", R"({"fields":{"a":{"b":"{{ 1 + }}"}}})");

    BOOST_REQUIRE(probe.faults().size() == 1U);
    BOOST_TEST(probe.faults()[0].find("a.b") != std::string::npos);
}
