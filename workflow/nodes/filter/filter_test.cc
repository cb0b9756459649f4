#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_list_keeps_what_the_condition_holds_for) {
    NodeProbe probe("filter", R"({"items":"item.list","condition":"item.n > 1"})");

    const auto next = outcomeOf<Next>(probe.enter(R"({"item":{"list":[{"n":1},{"n":2},{"n":3}]}})"));

    BOOST_TEST(dumpJson(*next.output) == R"([{"n":2},{"n":3}])");
}

BOOST_AUTO_TEST_CASE(data_as_a_whole_take_one_of_two_ways) {
    NodeProbe probe("filter", R"({"condition":"item.ok"})");

    BOOST_TEST(outcomeOf<Next>(probe.enter(R"({"item":{"ok":true}})")).port == "out");
    BOOST_TEST(outcomeOf<Next>(probe.enter(R"({"item":{"ok":false}})")).port == "rejected");
    BOOST_TEST(!NodeProbe("filter", R"({"items":"item","condition":"true"})").enter().ok());
}
