#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(the_request_is_filled_in_and_goes_to_the_outbox) {
    NodeProbe probe(
        "http_request",
        R"({"account":"crm","method":"POST","url":"/leads/{{ item.id }}","body":{"name":"{{ item.name }}"}})");

    const Send send = outcomeOf<Send>(probe.enter(R"({"item":{"id":7,"name":"Ann"}})"));

    BOOST_TEST(send.request["kind"] == "http");
    BOOST_TEST(send.request["account"] == "crm");
    BOOST_TEST(dumpJson(send.request["content"]) ==
               R"({"body":{"name":"Ann"},"fail_on_status":true,"method":"POST","url":"/leads/7"})");
}

BOOST_AUTO_TEST_CASE(the_answer_goes_on) {
    NodeProbe probe("http_request", R"({"account":"a","url":"/"})");

    const Next next =
        outcomeOf<Next>(probe.resume(R"({"state":"sent","content":{"status":200,"body":"yes"}})"));

    BOOST_TEST((*next.output)["body"] == "yes");
}

BOOST_AUTO_TEST_CASE(no_answer_is_the_nodes_error) {
    NodeProbe probe("http_request", R"({"account":"a","url":"/"})");

    BOOST_TEST(!probe.resume(R"({"state":"failed","error":"refused"})").ok());
    BOOST_TEST((probe.resume(R"({"state":"uncertain"})").error().kind == ErrorKind::Uncertain));
}
