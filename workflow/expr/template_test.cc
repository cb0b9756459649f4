#include <boost/test/unit_test.hpp>

#include "workflow/expr/expression.h"

namespace signalbox::workflow {
namespace {

const Json kScope = {{"name", "Ann"}, {"count", 3}, {"list", {1, 2}}, {"evil", "{{ name }}"}};

std::string shown(const std::string& text) {
    const auto compiled = Template::compile(text);
    if (!compiled) return "error: " + compiled.error().message;
    const auto value = compiled->render(kScope);
    return value ? dumpJson(*value) : "error: " + value.error().message;
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_are_joined_as_text) {
    BOOST_TEST(shown("Hi {{ name }}, you have {{count}} of {{ list }}{{ nothing }}.") ==
               "\"Hi Ann, you have 3 of [1,2].\"");
}

BOOST_AUTO_TEST_CASE(a_lone_expression_keeps_its_type) {
    BOOST_TEST(shown("{{ count }}") == "3");
    BOOST_TEST(shown("{{list}}") == "[1,2]");
    BOOST_TEST(shown("{{ nothing }}") == "null");
    BOOST_TEST(shown(" {{ count }}") == "\" 3\"");
}

BOOST_AUTO_TEST_CASE(braces_and_quotes_inside_an_expression_do_not_end_it) {
    BOOST_TEST(shown("{{ '}}' ~ \"{{\" }}") == "\"}}{{\"");
    BOOST_TEST(shown("{{{a: {b: 1}}}}") == R"({"a":{"b":1}})");
    BOOST_TEST(shown(R"(x{{ 'it\'s }}' }})") == "\"xit's }}\"");
}

BOOST_AUTO_TEST_CASE(a_backslash_makes_braces_literal) {
    BOOST_TEST(shown("\\{{ name }} and {{ name }}") == "\"{{ name }} and Ann\"");
}

BOOST_AUTO_TEST_CASE(what_a_value_contains_is_not_rendered_again) {
    BOOST_TEST(shown("{{ evil }}") == "\"{{ name }}\"");
    BOOST_TEST(shown("a {{ evil }}") == "\"a {{ name }}\"");
}

BOOST_AUTO_TEST_CASE(positions_count_from_the_start_of_the_template) {
    BOOST_TEST(shown("é {{ name }} {{ 1 + }}").starts_with("error: column 21: expected a value"));
    BOOST_TEST(shown("one\ntwo {{ count / 0 }}").starts_with("error: line 2, column 14: division by zero"));
    BOOST_TEST(shown("Hi {{ name").starts_with("error: column 4: `{{` is never closed"));
    BOOST_TEST(shown("Hi {{ }}").starts_with("error: column 7: the expression is empty"));
}

BOOST_AUTO_TEST_CASE(plain_text_is_plain) {
    BOOST_TEST(Template::compile("hello")->isPlain());
    BOOST_TEST(Template::compile("\\{{ hello }}")->isPlain());
    BOOST_TEST(!Template::compile("{{ hello }}")->isPlain());
    BOOST_TEST(shown("") == "\"\"");
}

BOOST_AUTO_TEST_CASE(names_of_all_parts_are_given_once) {
    const auto names = Template::compile("{{ a.b }} {{ a.b ~ c }}")->names();

    BOOST_TEST(names == (std::vector<std::string>{"a.b", "c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_string_in_a_value_is_rendered_and_keys_are_not) {
    const Json params = {
        {"to", "{{ name }}"}, {"{{ name }}", 1}, {"items", {{{"n", "{{ count }}"}}, true, nullptr}}};

    const auto rendered = renderAll(params, kScope);

    BOOST_REQUIRE(rendered);
    BOOST_TEST(*rendered == Json({{"to", "Ann"}, {"{{ name }}", 1}, {"items", {{{"n", 3}}, true, nullptr}}}));
}

BOOST_AUTO_TEST_CASE(faults_name_the_path) {
    const Json params = {{"body", {{"items", {1, 2, {{"name", "{{ 1 / 0 }}"}}}}}}};

    const auto rendered = renderAll(params, kScope);

    BOOST_REQUIRE(!rendered);
    BOOST_TEST(rendered.error().message.starts_with("body.items[2].name: column 6: division by zero"));
}

BOOST_AUTO_TEST_CASE(check_gives_all_faults_at_once) {
    const Json params = {{"a", "{{ 1 + }}"}, {"b", {"fine {{ x }}", "{{ lowr(x) }}"}}};

    const auto faults = checkAll(params);

    BOOST_REQUIRE(faults.size() == 2u);
    BOOST_TEST(faults[0].starts_with("a: column 8: expected a value"));
    BOOST_TEST(faults[1] == "b[1]: column 4: unknown function lowr (lower?)");
}

BOOST_AUTO_TEST_CASE(a_rendered_text_is_bounded) {
    const Json scope = {{"t", std::string(600 * 1024, 'x')}};

    const auto rendered = Template::compile("{{ t }}{{ t }}")->render(scope);

    BOOST_REQUIRE(!rendered);
    BOOST_TEST(rendered.error().message.find("over 1 MiB") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_bottomless_value_is_refused) {
    Json deep = "{{ name }}";
    for (int i = 0; i < 300; ++i) deep = Json::array({deep});

    BOOST_TEST(!renderAll(deep, kScope));
    BOOST_TEST(checkAll(deep).size() == 1u);
}

}  // namespace signalbox::workflow
