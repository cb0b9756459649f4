#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

const std::string kParams =
    R"({"title": "Down: {{ item.host }}", "steps": [{"to": "ann@x.test", "wait_s": 60}, {"to": "boss"}]})";

}  // namespace

BOOST_AUTO_TEST_CASE(each_step_is_told_and_waited_for_until_nobody_is_left) {
    NodeProbe probe("escalate", kParams);

    const Act begun = outcomeOf<Act>(probe.enter(R"({"item": {"host": "db"}})"));
    const Await waits =
        outcomeOf<Await>(probe.resume(R"({"output": {"id": "esc_1", "step": 0, "wait_s": 60}})"));
    const Act next = outcomeOf<Act>(probe.resume(R"({"timed_out": true})"));
    const Next over = outcomeOf<Next>(probe.resume(R"({"output": {"is_over": true}})"));

    BOOST_TEST(begun.request["kind"] == "escalation.begin");
    BOOST_TEST(begun.request["title"] == "Down: db");
    BOOST_TEST(waits.key == "event:escalation.acknowledged:escalation_id=esc_1");
    BOOST_TEST(toRfc3339(*waits.deadline) == "2026-01-05T09:01:00.000Z");
    BOOST_TEST(next.request["kind"] == "escalation.next");
    BOOST_TEST(over.port == "nobody");
}

BOOST_AUTO_TEST_CASE(who_takes_it_ends_it_also_when_he_was_faster_than_the_clock) {
    NodeProbe probe("escalate", kParams);

    const Next told = outcomeOf<Next>(probe.resume(R"({"escalation_id": "esc_1", "by": "user:usr_1"})"));
    const Next faster =
        outcomeOf<Next>(probe.resume(R"({"output": {"acknowledged": {"by": "user:usr_1"}}})"));

    BOOST_TEST(told.port == "acknowledged");
    BOOST_TEST(faster.port == "acknowledged");
    BOOST_TEST((*faster.output)["by"] == "user:usr_1");
}
