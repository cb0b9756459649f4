#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(the_fields_of_a_form_are_the_data) {
    NodeProbe probe("trigger.form", R"({"path": "contact", "fields": [{"name": "email"}]})");

    BOOST_TEST(probe.matches(R"({"fields": {"email": "a@x.test"}})"));
    BOOST_TEST(
        dumpJson(*outcomeOf<Next>(
                      probe.enter(R"({"item": {"path": "/forms/contact", "fields": {"email": "a@x.test"}}})"))
                      .output) == R"({"email":"a@x.test"})");
}

BOOST_AUTO_TEST_CASE(a_form_that_cannot_be_shown_is_refused) {
    const auto faults = [](const std::string& params) {
        return NodeProbe("trigger.form", params).faults().size();
    };

    BOOST_TEST(faults(R"({"path": "a/../b", "fields": [{"name": "x"}]})") == 1U);
    BOOST_TEST(faults(R"({"path": "a/:id", "fields": [{"name": "x"}]})") == 1U);
    BOOST_TEST(faults(R"({"path": "a", "fields": [{"name": "x"}, {"name": "x"}]})") == 1U);
    BOOST_TEST(faults(R"({"path": "a", "fields": [{"name": "form_token"}]})") == 1U);
    BOOST_TEST(faults(R"({"path": "a", "fields": [{"name": "x", "type": "select"}]})") == 1U);
    BOOST_TEST(faults(R"({"path": "a", "fields": [{"name": "x y"}]})") > 0U);
}
