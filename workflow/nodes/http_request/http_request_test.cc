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
               R"({"body":{"name":"Ann"},"fail_on_status":true,"method":"POST","tries":3,"url":"/leads/7"})");
}

BOOST_AUTO_TEST_CASE(the_answer_goes_on) {
    NodeProbe probe("http_request", R"({"account":"a","url":"/"})");

    const Next next =
        outcomeOf<Next>(probe.resume(R"({"state":"sent","content":{"status":200,"body":"yes"}})"));

    BOOST_TEST((*next.output)["body"] == "yes");
}

BOOST_AUTO_TEST_CASE(the_nodes_own_retry_asks_once_an_attempt_and_hears_when_to_come_back) {
    NodeProbe probe("http_request", R"({"url":"/","retry":{"attempts":5}})");

    BOOST_TEST(outcomeOf<Send>(probe.enter("{}")).request["content"]["tries"] == 1);
    const auto outcome = probe.resume(
        R"({"state":"dead","error":{"kind":"throttled","code":"http_429","message":"x","retry_after_s":7}})");
    BOOST_REQUIRE(!outcome.ok());
    BOOST_TEST((outcome.error().kind == ErrorKind::Throttled));
    BOOST_TEST(outcome.error().retry_after->count() == 7);
}

BOOST_AUTO_TEST_CASE(no_answer_is_the_nodes_error) {
    NodeProbe probe("http_request", R"({"account":"a","url":"/"})");

    BOOST_TEST(!probe.resume(R"({"state":"failed","error":"refused"})").ok());
    BOOST_TEST((probe.resume(R"({"state":"uncertain"})").error().kind == ErrorKind::Uncertain));
}

BOOST_AUTO_TEST_CASE(a_body_becomes_a_file_where_a_name_is_given) {
    NodeProbe probe("http_request", R"({"url": "https://x.test/a", "save_as": "{{ item.id }}.pdf"})");

    const Act act = outcomeOf<Act>(probe.resume(
        R"({"state":"sent","content":{"status":200,"body":"JVBERg==","body_encoding":"base64"}})",
        R"({"item":{"id":7}})"));
    const Next next = outcomeOf<Next>(probe.resume(R"({"output":{"status":200,"file":{"id":"fil_1"}}})"));

    BOOST_TEST(
        dumpJson(act.request) ==
        R"({"body":"JVBERg==","is_base64":true,"kind":"file.keep","name":"7.pdf","with":{"status":200}})");
    BOOST_TEST((*next.output)["file"]["id"] == "fil_1");
}

BOOST_AUTO_TEST_CASE(without_account_it_leaves_by_the_built_in_one_with_its_credential_by_name) {
    NodeProbe probe("http_request", R"({"url": "https://x.test/a", "credential": "crm"})");

    const Json request = outcomeOf<Send>(probe.enter()).request;

    BOOST_TEST(request["account"] == "_http");
    BOOST_TEST(request["content"]["credential"] == "crm");
    BOOST_TEST(!NodeProbe("http_request", "{}").faults().empty());
}
