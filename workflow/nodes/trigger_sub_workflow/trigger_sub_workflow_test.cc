#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

const std::string kInputs = R"({"inputs": [{"name": "order", "type": "object", "required": true},
                                            {"name": "urgent", "type": "flag", "default": false}]})";

}  // namespace

BOOST_AUTO_TEST_CASE(what_the_caller_gives_goes_on_with_defaults_filled_in) {
    NodeProbe probe("trigger.sub_workflow", kInputs);

    BOOST_TEST(
        dumpJson(*outcomeOf<Next>(probe.enter(R"({"item": {"order": {"id": 7}, "more": 1}})")).output) ==
        R"({"more":1,"order":{"id":7},"urgent":false})");
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_of_another_type_is_the_callers_error) {
    NodeProbe probe("trigger.sub_workflow", kInputs);

    BOOST_TEST(probe.enter(R"({"item": {}})").error().message == "input.order: is missing");
    BOOST_TEST(probe.enter(R"({"item": {"order": {}, "urgent": "yes"}})").error().message ==
               "input.urgent: must be a flag");
}
