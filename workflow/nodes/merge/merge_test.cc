#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

std::string merged(const std::string& params) {
    NodeProbe probe("merge", params);
    const auto next = outcomeOf<Next>(
        probe.enter(R"({"item":{},"inputs":{"a":[{"x":1}],"b":[{"x":2},{"x":3}]},"input_order":["b","a"]})"));
    return dumpJson(*next.output);
}

}  // namespace

BOOST_AUTO_TEST_CASE(inputs_are_put_together_as_asked) {
    BOOST_TEST(merged("{}") == R"({"a":[{"x":1}],"b":[{"x":2},{"x":3}]})");
    BOOST_TEST(merged(R"({"mode":"append"})") == R"([{"x":2},{"x":3},{"x":1}])");
    BOOST_TEST(merged(R"({"mode":"append","order":["a"]})") == R"([{"x":1},{"x":2},{"x":3}])");
    BOOST_TEST(merged(R"({"mode":"list"})") == R"([[{"x":2},{"x":3}],[{"x":1}]])");
    BOOST_TEST(merged(R"({"mode":"first"})") == R"([{"x":2},{"x":3}])");
}

BOOST_AUTO_TEST_CASE(objects_are_combined_and_anything_else_is_refused) {
    NodeProbe probe("merge", R"({"mode":"combine"})");

    const auto next = outcomeOf<Next>(
        probe.enter(R"({"item":{},"inputs":{"a":{"x":1,"y":1},"b":{"x":2}},"input_order":["a","b"]})"));
    const auto refused = probe.enter(R"({"item":{},"inputs":{"a":5},"input_order":["a"]})");

    BOOST_TEST(dumpJson(*next.output) == R"({"x":2,"y":1})");
    BOOST_TEST(!refused.ok());
}
