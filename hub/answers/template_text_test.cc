#include "hub/answers/template_text.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {

BOOST_AUTO_TEST_CASE(a_variable_is_replaced_by_its_value_and_a_missing_one_by_what_stands_in) {
    const Json values = {{"person", {{"name", "Ada"}}}, {"order", 17}};

    BOOST_TEST(renderTemplate("Dear {{person.name}}, order {{ order }}.", values, Escaping::None).text ==
               "Dear Ada, order 17.");
    BOOST_TEST(renderTemplate("Dear {{person.title|customer}}!", values, Escaping::None).text ==
               "Dear customer!");
    const Rendered missing = renderTemplate("{{a}} {{b}} {{a}}", values, Escaping::None);
    const std::vector<std::string> names{"a", "b"};
    BOOST_TEST(missing.missing == names, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(values_cannot_bring_markup_or_further_variables_into_a_text) {
    const Json values = {{"name", "<b>\"x\" & 'y'</b>"}, {"sly", "{{name}}"}};

    BOOST_TEST(renderTemplate("<p>{{name}}</p>", values, Escaping::Html).text ==
               "<p>&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;&lt;/b&gt;</p>");
    BOOST_TEST(renderTemplate("{{sly}}", values, Escaping::None).text == "{{name}}");
}

BOOST_AUTO_TEST_CASE(a_text_that_is_not_well_formed_is_refused_when_it_is_saved) {
    BOOST_TEST(variablesOf("no variables } { at all")->empty());
    BOOST_TEST(variablesOf("{{a}} {{b.c|d}} {{a}}")->size() == 2U);
    BOOST_TEST(!variablesOf("{{open"));
    BOOST_TEST(!variablesOf("{{}}"));
    BOOST_TEST(!variablesOf("{{a b}}"));
    BOOST_TEST(!variablesOf("{{.a}}"));
}

}  // namespace signalbox
