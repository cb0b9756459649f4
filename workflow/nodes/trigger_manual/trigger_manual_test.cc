#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(no_event_starts_a_manual_workflow) {
    BOOST_TEST(findNodeType("trigger.manual")->isTrigger());
    BOOST_TEST(findNodeType("trigger.manual")->eventTypes().empty());
}

BOOST_AUTO_TEST_CASE(the_input_goes_on_as_it_is) {
    BOOST_TEST(!outcomeOf<Next>(NodeProbe("trigger.manual", "{}").enter()).output.has_value());
}
