#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

const std::string kOrders =
    R"({"item": [{"c":"Bonn","p":3},{"c":"Köln","p":4.5},{"c":"Bonn","p":1},{"c":"Bonn","p":null}]})";

}  // namespace

BOOST_AUTO_TEST_CASE(all_items_become_one_object) {
    NodeProbe probe("aggregate", R"({"fields": {
        "n": {"op": "count", "value": "item.p"}, "sum": {"op": "sum", "value": "item.p"},
        "mean": {"op": "average", "value": "item.p"}, "least": {"op": "min", "value": "item.p"},
        "most": {"op": "max", "value": "item.p"}, "towns": {"op": "unique", "value": "item.c"},
        "text": {"op": "join", "value": "item.c", "separator": "-"}, "last": {"op": "last", "value": "item.p"}}})");

    BOOST_TEST(dumpJson(*outcomeOf<Next>(probe.enter(kOrders)).output) ==
               R"({"last":null,"least":1,"mean":2.8333333333333335,"most":4.5,"n":3,"sum":8.5,)"
               R"("text":"Bonn-Köln-Bonn-Bonn","towns":["Bonn","Köln"]})");
}

BOOST_AUTO_TEST_CASE(groups_are_in_the_order_of_their_first_items) {
    NodeProbe probe("aggregate", R"({"group_by": "item.c", "fields": {
        "n": {"op": "count"}, "sum": {"op": "sum", "value": "item.p"}}})");

    BOOST_TEST(dumpJson(*outcomeOf<Next>(probe.enter(kOrders)).output) ==
               R"([{"group":"Bonn","n":3,"sum":4},{"group":"Köln","n":1,"sum":4.5}])");
    BOOST_TEST(dumpJson(*outcomeOf<Next>(probe.enter(R"({"item": []})")).output) == "[]");
}

BOOST_AUTO_TEST_CASE(texts_are_not_summed) {
    NodeProbe probe("aggregate", R"({"fields": {"sum": {"op": "sum", "value": "item.c"}}})");

    BOOST_TEST(probe.enter(kOrders).error().message ==
               "fields.sum: sum takes numbers; convert with number(x)");
}
