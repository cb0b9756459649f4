#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_webhook_says_what_happened_when_and_is_signed_when_it_leaves) {
    NodeProbe probe("emit_webhook", R"({"url": "https://x.test/{{ item.id }}", "event": "order.paid",
                                        "data": {"id": "{{ item.id }}"}, "signing": "hooks"})");

    const Json request = outcomeOf<Send>(probe.enter(R"({"item": {"id": 7}})")).request;

    BOOST_TEST(request["account"] == "_http");
    BOOST_TEST(request["expires_in_s"] == 259200);
    BOOST_TEST(
        dumpJson(request["content"]) ==
        R"({"body":{"data":{"id":7},"timestamp":"2026-01-05T09:00:00.000Z","type":"order.paid"},)"
        R"("method":"POST","signature":{"credential":"hooks"},"timeout_s":20,"url":"https://x.test/7"})");
}

BOOST_AUTO_TEST_CASE(the_item_is_the_data_where_none_are_given_and_the_answer_is_its_status) {
    NodeProbe probe("emit_webhook", R"({"url": "https://x.test/", "event": "a"})");

    const Json request = outcomeOf<Send>(probe.enter(R"({"item": {"v": 1}})")).request;
    const Next next = outcomeOf<Next>(
        probe.resume(R"({"state": "sent", "content": {"status": 204, "body": "secret", "duration_ms": 3}})"));

    BOOST_TEST(dumpJson(request["content"]["body"]["data"]) == R"({"v":1})");
    BOOST_TEST(dumpJson(*next.output) == R"({"duration_ms":3,"status":204})");
}

BOOST_AUTO_TEST_CASE(without_an_address_the_organizations_subscriptions_are_told_and_the_run_goes_on) {
    NodeProbe probe("emit_webhook", R"({"event": "order.{{ item.what }}"})");

    const Json request = outcomeOf<Act>(probe.enter(R"({"item": {"what": "paid"}})")).request;
    const Next next = outcomeOf<Next>(probe.resume(R"({"output": {"event": "order.paid"}})"));

    BOOST_TEST(dumpJson(request) == R"({"data":{"what":"paid"},"event":"order.paid","kind":"webhook.emit"})");
    BOOST_TEST(dumpJson(*next.output) == R"({"event":"order.paid"})");
}

BOOST_AUTO_TEST_CASE(a_subscription_brings_its_address_and_its_signature) {
    NodeProbe probe("emit_webhook", R"({"event": "a", "subscription": "whk_0000000000007"})");

    const Json content = outcomeOf<Send>(probe.enter(R"({"item": 1})")).request["content"];

    BOOST_TEST(content["credential"] == "webhook:whk_0000000000007");
    BOOST_TEST(content["signature"]["credential"] == "webhook:whk_0000000000007");
    BOOST_TEST(!content.contains("url"));
}
