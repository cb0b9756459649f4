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
               R"({"body":{"name":"Ann"},"method":"POST","url":"/leads/7"})");
}

BOOST_AUTO_TEST_CASE(an_answer_of_any_status_goes_on_unless_asked_otherwise) {
    const std::string answer = R"({"state":"sent","content":{"status":404,"body":"no"}})";

    BOOST_TEST((*outcomeOf<Next>(NodeProbe("http_request", R"({"account":"a","url":"/"})").resume(answer))
                     .output)["status"] == 404);
    BOOST_TEST(
        !NodeProbe("http_request", R"({"account":"a","url":"/","fail_on_status":true})").resume(answer).ok());
}

BOOST_AUTO_TEST_CASE(no_answer_is_the_nodes_error) {
    NodeProbe probe("http_request", R"({"account":"a","url":"/"})");

    BOOST_TEST(!probe.resume(R"({"state":"failed","error":"refused"})").ok());
    BOOST_TEST((probe.resume(R"({"state":"uncertain"})").error().kind == ErrorKind::Uncertain));
}
