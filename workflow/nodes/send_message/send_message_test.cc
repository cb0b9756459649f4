#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(without_an_address_the_answer_goes_to_the_triggers_conversation) {
    NodeProbe probe("send_message", R"({"text":"Hello {{ message.from.name }}"})");

    const Send send = outcomeOf<Send>(probe.enter(
        R"({"item":{},"message":{"from":{"name":"Ann"}},"trigger":{"message":{"conversation_id":"cnv_1"}}})"));

    BOOST_TEST(dumpJson(send.request) == R"({"conversation_id":"cnv_1","text":"Hello Ann","type":"text"})");
    BOOST_TEST(send.wait_for_receipt);
}

BOOST_AUTO_TEST_CASE(an_address_and_an_account_may_be_said) {
    NodeProbe probe(
        "send_message",
        R"({"account":"sms","to":"{{ item.phone }}","type":"template","template":{"name":"hi"},"wait_for_receipt":false})");

    const Send send = outcomeOf<Send>(probe.enter(R"({"item":{"phone":"+491"}})"));

    BOOST_TEST(dumpJson(send.request) ==
               R"({"account":"sms","template":{"name":"hi"},"to":"+491","type":"template"})");
    BOOST_TEST(!send.wait_for_receipt);
}

BOOST_AUTO_TEST_CASE(a_number_as_text_is_sent_as_text) {
    NodeProbe probe("send_message", R"({"to":"x","account":"a","text":"{{ item.n }}"})");

    BOOST_TEST(outcomeOf<Send>(probe.enter(R"({"item":{"n":5}})")).request["text"] == "5");
}

BOOST_AUTO_TEST_CASE(a_run_without_a_conversation_says_what_is_missing) {
    const auto outcome = NodeProbe("send_message", R"({"text":"x"})").enter(R"({"item":{},"trigger":{}})");

    BOOST_REQUIRE(!outcome.ok());
    BOOST_TEST(outcome.error().message.find("conversation") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_failed_or_uncertain_send_is_the_nodes_error) {
    NodeProbe probe("send_message", R"({"text":"x"})");

    BOOST_TEST(outcomeOf<Next>(probe.resume(R"({"state":"sent","external_id":"wamid.1"})")).port == "out");
    const auto failed = probe.resume(
        R"({"state":"failed","error":{"kind":"rejected","code":"131026","message":"not on whatsapp"}})");
    BOOST_REQUIRE(!failed.ok());
    BOOST_TEST(failed.error().code == "131026");
    BOOST_TEST(failed.error().message == "send: not on whatsapp");
    BOOST_TEST((probe.resume(R"({"state":"uncertain"})").error().kind == ErrorKind::Uncertain));
}
