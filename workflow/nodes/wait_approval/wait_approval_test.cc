#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(it_asks_and_then_waits_for_the_decision_about_that_question) {
    NodeProbe probe("wait_approval", R"({"title":"Pay {{ item.sum }}?","timeout_s":3600,
                                         "notify":{"account":"sms","to":"+49301","text":"see {approval_url}"}})");

    const Json request = outcomeOf<Act>(probe.enter(R"({"item":{"sum":70}})")).request;
    const auto await = outcomeOf<Await>(probe.resume(R"({"output":{"id":"apr_0c3k9q2m4x7vd"}})"));

    BOOST_TEST(request["title"] == "Pay 70?");
    BOOST_TEST(request["expires_at"] == "2026-01-05T10:00:00.000Z");
    BOOST_TEST(request["notify"]["text"] == "see {approval_url}");
    BOOST_TEST(await.key == "event:approval.decided:approval_id=apr_0c3k9q2m4x7vd");
    BOOST_TEST(toRfc3339(*await.deadline) == "2026-01-05T10:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(each_end_has_its_port) {
    NodeProbe probe("wait_approval", R"({"title":"Pay?"})");

    BOOST_TEST(outcomeOf<Next>(probe.resume(R"({"decision":"approved"})")).port == "approved");
    BOOST_TEST(outcomeOf<Next>(probe.resume(R"({"decision":"rejected"})")).port == "rejected");
    BOOST_TEST(outcomeOf<Next>(probe.resume(R"({"timed_out":true})")).port == "timeout");
}
