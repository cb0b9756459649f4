#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(changes_follow_one_another_and_the_data_go_on) {
    NodeProbe probe("set_variable", R"({"changes":[
        {"name":"n","operation":"add","value":"{{ item.by }}"}, {"name":"n","operation":"multiply","value":2},
        {"name":"list","operation":"append","value":"{{ item.by }}"}, {"name":"list","operation":"remove_first"},
        {"name":"new","value":"x"}, {"name":"text","operation":"clear"}]})");

    const Next next =
        outcomeOf<Next>(probe.enter(R"({"item":{"by":3},"vars":{"n":1,"list":[7,8],"text":"old"}})"));

    BOOST_TEST(!next.output);
    BOOST_TEST(dumpJson(next.variables) == R"({"list":[8,3],"n":8,"new":"x","text":""})");
}

BOOST_AUTO_TEST_CASE(a_change_that_does_not_fit_the_variable_is_named) {
    NodeProbe probe("set_variable", R"({"changes":[{"name":"n","operation":"append","value":1}]})");

    const auto outcome = probe.enter(R"({"vars":{"n":1}})");

    BOOST_REQUIRE(!outcome.ok());
    BOOST_TEST(outcome.error().message == "n: append takes a variable that is a list, not a number");
}

BOOST_AUTO_TEST_CASE(what_goes_on_may_read_the_variables_as_they_are_then) {
    NodeProbe probe("set_variable", R"({"changes":[{"name":"n","operation":"add","value":1}],
        "output":{"before":"{{ item.n }}","now":"{{ vars.n }}"}})");

    const Next next = outcomeOf<Next>(probe.enter(R"({"item":{"n":5},"vars":{"n":1}})"));

    BOOST_TEST(dumpJson(next.output.value_or(nullptr)) == R"({"before":5,"now":2})");
}
