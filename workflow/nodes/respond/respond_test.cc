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

BOOST_AUTO_TEST_CASE(a_page_of_a_workflow_is_nobody_on_the_origin_of_the_api) {
    const Respond page = outcomeOf<Respond>(
        NodeProbe("respond", R"({"headers":{"Content-Type":"text/html"},"body":"<p>hello"})").enter("{}"));
    const Respond strict = outcomeOf<Respond>(
        NodeProbe("respond",
                  R"({"headers":{"Content-Security-Policy":"img-src 'none'","X-Content-Type-Options":"x"}})")
            .enter("{}"));

    BOOST_TEST(page.headers["content-type"] == "text/html");
    BOOST_TEST(page.headers["content-security-policy"] == "sandbox allow-forms");
    BOOST_TEST(page.headers["x-content-type-options"] == "nosniff");
    BOOST_TEST(strict.headers["content-security-policy"] == "sandbox allow-forms, img-src 'none'");
    BOOST_TEST(strict.headers["x-content-type-options"] == "nosniff");
}

BOOST_AUTO_TEST_CASE(what_speaks_for_the_whole_host_is_no_header_of_a_workflow) {
    for (const char* name : {"Clear-Site-Data", "Access-Control-Allow-Origin", "service-worker-allowed",
                             "Transfer-Encoding", "Connection", "Content-Length"}) {
        const Json params = {{"headers", {{name, "x"}}}};
        BOOST_TEST(NodeProbe("respond", params.dump()).faults().size() == 1U, name);
    }
    const auto sets = [](const std::string& cookie) {
        const Json params = {{"headers", {{"Set-Cookie", "{{ item.v }}"}}}};
        const Json scope = {{"item", {{"v", cookie}}}};
        return NodeProbe("respond", params.dump()).enter(scope.dump()).ok();
    };
    for (const char* cookie :
         {"__Host-signalbox=x", " __host-other=x", "__Secure-a=1; Path=/", "signalbox_form=x", "Signalbox=1"})
        BOOST_TEST(!sets(cookie), cookie);
    BOOST_TEST(sets("cart=1; Path=/"));
}
