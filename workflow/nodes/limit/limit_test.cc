#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

std::string keptBy(const std::string& params) {
    NodeProbe probe("limit", params);
    return dumpJson(*outcomeOf<Next>(probe.enter(R"({"item": [1, 2, 3]})")).output);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_first_or_the_last_items_are_kept_and_never_more_than_there_are) {
    BOOST_TEST(keptBy("{}") == "[1]");
    BOOST_TEST(keptBy(R"({"count": 2, "keep": "last"})") == "[2,3]");
    BOOST_TEST(keptBy(R"({"count": 9, "keep": "last"})") == "[1,2,3]");
    BOOST_TEST(keptBy(R"({"count": 0})") == "[]");
}

BOOST_AUTO_TEST_CASE(what_is_no_list_cannot_be_limited) {
    NodeProbe probe("limit", R"({"items": "item.orders"})");

    BOOST_TEST(probe.enter(R"({"item": {"orders": "none"}})").error().message == "items: must be a list");
}
