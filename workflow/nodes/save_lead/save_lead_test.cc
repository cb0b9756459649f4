#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(what_the_schema_names_becomes_the_request_with_its_expressions_evaluated) {
    NodeProbe probe("save_lead", R"({"title": "{{ item.name }}", "stage": "new", "label": "of the editor"})");

    const auto outcome = probe.enter(R"({"item": {"name": "Ann"}})");

    BOOST_REQUIRE(outcome.ok());
    BOOST_TEST(dumpJson(std::get<Act>(*outcome).request) ==
               R"({"kind":"lead.save","stage":"new","title":"Ann"})");
}
