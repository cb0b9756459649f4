#include "daemon/api/partial_response.h"

#include <boost/test/unit_test.hpp>

namespace signalbox::api {

BOOST_AUTO_TEST_CASE(an_answer_keeps_the_members_that_were_asked_for) {
    const Json answer = {{"id", "c1"}, {"peer", {{"kind", "phone"}, {"value", "+49"}}}, {"status", "open"}};

    BOOST_TEST(*onlyFields(answer, "id,peer.value") == Json({{"id", "c1"}, {"peer", {{"value", "+49"}}}}));
    BOOST_TEST(*onlyFields(answer, "nothing") == Json::object());
    BOOST_TEST(!onlyFields(answer, "id,,status"));
    BOOST_TEST(!onlyFields(answer, "id;drop"));
}

BOOST_AUTO_TEST_CASE(a_list_keeps_its_cursor_and_narrows_each_item) {
    const Json list = {{"items", {{{"id", 1}, {"a", {{{"x", 1}, {"y", 2}}}}}, {{"id", 2}}}}, {"next", "c"}};

    const Json narrowed = *onlyFields(list, "id,a.x");

    BOOST_TEST(narrowed["next"] == "c");
    BOOST_TEST(narrowed["items"][0] == Json({{"id", 1}, {"a", {{{"x", 1}}}}}));
    BOOST_TEST(narrowed["items"][1] == Json({{"id", 2}}));
}

}  // namespace signalbox::api
