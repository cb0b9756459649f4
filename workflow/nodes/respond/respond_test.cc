#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(status_headers_and_body_are_filled_in) {
    NodeProbe probe(
        "respond",
        R"({"status":"{{ item.code }}","headers":{"x-id":"{{ item.id }}"},"body":"ok {{ item.id }}"})");

    const Respond respond = outcomeOf<Respond>(probe.enter(R"({"item":{"code":201,"id":"a"}})"));

    BOOST_TEST(respond.status == 201);
    BOOST_TEST(respond.headers["x-id"] == "a");
    BOOST_TEST(respond.body == "ok a");
}

BOOST_AUTO_TEST_CASE(without_a_body_the_data_are_the_answer) {
    const Respond respond = outcomeOf<Respond>(NodeProbe("respond", "{}").enter(R"({"item":{"a":1}})"));

    BOOST_TEST(respond.status == 200);
    BOOST_TEST(respond.body == R"({"a":1})");
    BOOST_TEST(respond.headers["content-type"] == "application/json");
}

BOOST_AUTO_TEST_CASE(a_line_break_in_a_header_and_an_impossible_status_are_refused) {
    BOOST_TEST(!NodeProbe("respond", R"({"headers":{"x":"{{ item.v }}"}})")
                    .enter(R"({"item":{"v":"a\r\nset-cookie: b"}})")
                    .ok());
    BOOST_TEST(!NodeProbe("respond", R"({"status":"{{ item.v }}"})").enter(R"({"item":{"v":99}})").ok());
}
