#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(the_script_is_called_with_the_item_and_its_result_goes_on) {
    NodeProbe probe("lua", R"({"source":"function run(item) return item end","timeout_ms":250})");

    const Call call = outcomeOf<Call>(probe.enter());
    const Next next = outcomeOf<Next>(probe.resume(R"({"result":{"a":1},"logs":[]})"));

    BOOST_TEST(call.source == "function run(item) return item end");
    BOOST_TEST(call.cpu_budget.count() == 250);
    BOOST_TEST(!call.item.has_value());
    BOOST_TEST(dumpJson(*next.output) == R"({"a":1})");
}

BOOST_AUTO_TEST_CASE(the_item_can_be_put_together_by_templates) {
    NodeProbe probe("lua", R"({"source":"x","input":{"who":"{{ trigger.name }}"}})");

    const Call call = outcomeOf<Call>(probe.enter(R"({"item":{},"trigger":{"name":"ann"}})"));

    BOOST_TEST(dumpJson(*call.item) == R"({"who":"ann"})");
}

BOOST_AUTO_TEST_CASE(a_node_without_a_script_and_a_time_beyond_the_limit_are_faults) {
    BOOST_TEST(NodeProbe("lua", "{}").faults().size() == 1U);
    BOOST_TEST(!NodeProbe("lua", R"({"source":"x","timeout_ms":60000})").faults().empty());
}

BOOST_AUTO_TEST_CASE(lua_tables_in_the_source_are_no_templates) {
    BOOST_TEST(NodeProbe("lua", R"({"source":"function run(item) return {{1},{2}} end"})").faults().empty());
}

BOOST_AUTO_TEST_CASE(what_a_script_wishes_for_is_done_by_the_engine_and_its_answer_goes_on) {
    NodeProbe probe("lua", R"({"source":"x"})");
    const auto wished = [&](const std::string& wish) {
        return probe.resume(R"({"logs":[],"result":)" + wish + "}",
                            R"({"item":{},"trigger":{"conversation_id":"cnv_1"}})");
    };

    BOOST_TEST(
        dumpJson(outcomeOf<Send>(wished(R"({"$signalbox":"send","message":{"text":"hi"}})")).request) ==
        R"({"conversation_id":"cnv_1","text":"hi","type":"text"})");
    BOOST_TEST((outcomeOf<Sleep>(wished(R"({"$signalbox":"sleep","until":"2030-01-01T00:00:00Z"})")).until ==
                *parseRfc3339("2030-01-01T00:00:00Z")));
    BOOST_TEST(outcomeOf<Await>(
                   wished(R"({"$signalbox":"await","event":"custom.paid","path":"data.order","value":7})"))
                   .key == "event:custom.paid:data.order=7");
    BOOST_TEST(
        outcomeOf<Spawn>(wished(R"({"$signalbox":"call","workflow":"bill","input":{"n":1}})")).workflow ==
        "bill");
    BOOST_TEST(!wished(R"({"$signalbox":"explode"})").ok());

    BOOST_TEST(!outcomeOf<Next>(probe.resume("null")).output.has_value());
    BOOST_TEST(dumpJson(*outcomeOf<Next>(probe.resume(R"({"timed_out":true})")).output) ==
               R"({"timed_out":true})");
    BOOST_TEST(dumpJson(*outcomeOf<Next>(
                             probe.resume(R"({"status":"succeeded","run":"run_1","result":5,"error":null})"))
                             .output) == "5");
    BOOST_TEST(
        !probe.resume(R"({"status":"failed","run":"run_1","result":null,"error":{"message":"no"}})").ok());
    BOOST_TEST(!probe.resume(R"({"state":"failed","error":"refused"})").ok());
}
