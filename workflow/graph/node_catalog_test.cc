#include "workflow/graph/node_catalog.h"

#include <boost/test/unit_test.hpp>

#include "workflow/graph/schema.h"

namespace signalbox::workflow {

BOOST_AUTO_TEST_CASE(every_node_says_what_it_is_and_shows_params_that_it_takes) {
    for (const auto* type : nodeTypes()) {
        const Json described = describeNodeType(*type);
        const std::string name = type->name();

        BOOST_TEST(!textAt(described, "title").empty(), name);
        BOOST_TEST(!textAt(described, "help").empty(), name);
        BOOST_TEST(textAt(described, "icon") != "box", name);
        BOOST_TEST(!described["examples"].empty(), name);
        for (const Json& example : described["examples"]) {
            const Json params = schemaOf(*type).withDefaults(example);
            for (const auto& fault : schemaOf(*type).validate(params))
                BOOST_ERROR(name + ": " + fault.path + ": " + fault.message);
            for (const auto& fault : type->check(params)) BOOST_ERROR(name + ": " + fault);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_property_of_a_node_has_a_title) {
    for (const auto* type : nodeTypes()) {
        for (const auto& [name, property] : memberAt(schemaOf(*type).json(), "properties").items())
            BOOST_TEST(property.contains("title"), type->name() + '.' + name);
    }
}

}  // namespace signalbox::workflow
