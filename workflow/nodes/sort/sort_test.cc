#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

std::string sorted(const std::string& params, const std::string& list) {
    NodeProbe probe("sort", params);
    BOOST_REQUIRE(probe.faults().empty());
    return dumpJson(*outcomeOf<Next>(probe.enter(R"({"item": )" + list + "}")).output);
}

}  // namespace

BOOST_AUTO_TEST_CASE(items_are_sorted_by_their_value_in_either_order) {
    BOOST_TEST(sorted("{}", R"([3, "a", 1.5, null, true, -2])") == R"([null,true,-2,1.5,3,"a"])");
    BOOST_TEST(sorted(R"({"order": "desc"})", "[3, 10, 1]") == "[10,3,1]");
}

BOOST_AUTO_TEST_CASE(equal_items_are_told_apart_by_the_next_value_and_else_keep_their_order) {
    const std::string list =
        R"([{"c":"b","p":1,"n":0},{"c":"a","p":1,"n":1},{"c":"a","p":2,"n":2},{"c":"a","p":2,"n":3}])";

    BOOST_TEST(
        sorted(R"({"by": [{"value": "item.c"}, {"value": "item.p", "order": "desc"}]})", list) ==
        R"([{"c":"a","n":2,"p":2},{"c":"a","n":3,"p":2},{"c":"a","n":1,"p":1},{"c":"b","n":0,"p":1}])");
}

BOOST_AUTO_TEST_CASE(a_bad_expression_is_a_fault_with_its_place) {
    NodeProbe probe("sort", R"({"by": [{"value": "item."}]})");

    BOOST_REQUIRE(probe.faults().size() == 1U);
    BOOST_TEST(probe.faults()[0].starts_with("by[0].value: column "));
}
