#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(of_items_with_the_same_value_the_first_or_the_last_is_kept) {
    const std::string scope = R"({"item": [{"m":"A@x","n":1},{"m":"b@x","n":2},{"m":"a@x","n":3}]})";
    NodeProbe first("remove_duplicates", R"({"by": "item.m | lower"})");
    NodeProbe last("remove_duplicates", R"({"by": "item.m | lower", "keep": "last"})");

    BOOST_TEST(dumpJson(*outcomeOf<Next>(first.enter(scope)).output) ==
               R"([{"m":"A@x","n":1},{"m":"b@x","n":2}])");
    BOOST_TEST(dumpJson(*outcomeOf<Next>(last.enter(scope)).output) ==
               R"([{"m":"b@x","n":2},{"m":"a@x","n":3}])");
}

BOOST_AUTO_TEST_CASE(a_number_is_the_same_however_it_is_written_and_no_text) {
    NodeProbe probe("remove_duplicates", "{}");

    BOOST_TEST(dumpJson(*outcomeOf<Next>(probe.enter(R"({"item": [1, 1.0, "1", null, null]})")).output) ==
               R"([1,"1",null])");
}
