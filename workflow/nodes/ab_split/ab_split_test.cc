#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(keys_spread_by_weight_and_always_go_the_same_way) {
    NodeProbe probe("ab_split", R"({"ways":[{"id":"a","weight":3},{"id":"b","weight":1}],"key":"item.k"})");
    std::map<std::string, int> taken;

    for (int i = 0; i < 2000; ++i) {
        const std::string scope = R"({"item":{"k":"person-)" + std::to_string(i) + R"("}})";
        const std::string port = outcomeOf<Next>(probe.enter(scope)).port;
        BOOST_TEST(outcomeOf<Next>(probe.enter(scope)).port == port);
        ++taken[port];
    }

    BOOST_TEST(taken["a"] > 1350);
    BOOST_TEST(taken["b"] > 350);
}

BOOST_AUTO_TEST_CASE(each_way_is_a_port_of_its_own) {
    NodeProbe probe("ab_split", R"({"ways":[{"id":"a"},{"id":"b"}]})");

    BOOST_TEST(probe.portIds() == (std::vector<std::string>{"a", "b"}), boost::test_tools::per_element());
    BOOST_TEST(NodeProbe("ab_split", R"({"ways":[{"id":"a"},{"id":"a"}]})").faults().size() == 1U);
    BOOST_TEST(NodeProbe("ab_split", R"({"ways":[{"id":"a","weight":0}]})").faults().size() == 1U);
}
