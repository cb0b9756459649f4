#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(the_first_case_that_holds_is_the_port) {
    NodeProbe probe(
        "switch",
        R"({"value":"item.kind","cases":[{"id":"a","equals":"x"},{"id":"b","when":"item.n > 1"},{"id":"c","when":"item.n > 0"}]})");

    BOOST_TEST(outcomeOf<Next>(probe.enter(R"({"item":{"kind":"x","n":5}})")).port == "a");
    BOOST_TEST(outcomeOf<Next>(probe.enter(R"({"item":{"kind":"y","n":5}})")).port == "b");
    BOOST_TEST(outcomeOf<Next>(probe.enter(R"({"item":{"kind":"y","n":1}})")).port == "c");
    BOOST_TEST(outcomeOf<Next>(probe.enter(R"({"item":{"kind":"y","n":0}})")).port == "else");
}

BOOST_AUTO_TEST_CASE(each_case_is_a_port) {
    const NodeProbe probe("switch", R"({"cases":[{"id":"a","when":"true"},{"id":"b","when":"true"}]})");

    BOOST_TEST(probe.portIds() == (std::vector<std::string>{"a", "b", "else"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(cases_with_one_id_or_nothing_to_hold_are_faults) {
    BOOST_TEST(NodeProbe("switch", R"({"cases":[{"id":"a","when":"true"},{"id":"a","when":"true"}]})")
                   .faults()
                   .size() == 1U);
    BOOST_TEST(NodeProbe("switch", R"({"cases":[{"id":"else","when":"true"}]})").faults().size() == 1U);
    BOOST_TEST(NodeProbe("switch", R"({"cases":[{"id":"a","equals":1}]})").faults().size() == 1U);
    BOOST_TEST(NodeProbe("switch", R"({"cases":[{"id":"a","when":"1 +"}]})").faults().size() == 1U);
}
