#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(it_starts_another_workflow_and_goes_on_at_once) {
    NodeProbe probe("start_workflow", R"({"workflow": "mail", "input": {"n": "{{ item.n }}"}})");

    const Spawn spawn = outcomeOf<Spawn>(probe.enter(R"({"item": {"n": 7}})"));
    const Next next = outcomeOf<Next>(probe.resume(R"({"status": "started", "run": "run_1"})"));

    BOOST_TEST(!spawn.wait);
    BOOST_TEST(dumpJson(spawn.input) == R"({"n":7})");
    BOOST_TEST((*next.output)["run"] == "run_1");
}

BOOST_AUTO_TEST_CASE(a_sub_workflow_gives_its_result_or_its_error) {
    NodeProbe probe("sub_workflow", R"({"workflow": "mail"})");

    BOOST_TEST(outcomeOf<Spawn>(probe.enter()).wait);
    BOOST_TEST(*outcomeOf<Next>(probe.resume(R"({"status": "succeeded", "result": 7})")).output == 7);
    BOOST_TEST(probe.resume(R"({"status": "failed", "error": {"message": "broken"}})").error().message ==
               "workflow mail: broken");
}
