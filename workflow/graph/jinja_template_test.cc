#include "workflow/graph/jinja_template.h"

#include <boost/test/unit_test.hpp>
#include <chrono>

#include "workflow/expr/expression.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

// What the template gives, or why it is not taken.
std::string given(const std::string& text) {
    const std::map<std::string, PythonValue> names = {{"n", {"n", PythonValue::Kind::Unknown, {}}},
                                                      {"user", {"user", PythonValue::Kind::Unknown, {}}},
                                                      {"xs", {"xs", PythonValue::Kind::Unknown, {}}},
                                                      {"no", {"missing", PythonValue::Kind::Unknown, {}}}};
    const auto read = readJinja(text, names);
    if (!read) return read.error().message;
    const auto compiled = Template::compile(*read);
    BOOST_REQUIRE_MESSAGE(compiled.ok(), *read);
    const auto made =
        compiled->render({{"n", 7}, {"user", {{"name", "Ann"}, {"tags", {"a", "b"}}}}, {"xs", {3, 1}}});
    BOOST_REQUIRE_MESSAGE(made.ok(), *read);
    BOOST_TEST(made->is_string());
    return made->is_string() ? made->get<std::string>() : "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(jinja_puts_values_in) {
    for (const auto& [jinja, text] : std::map<std::string, std::string>{
             {"plain", "plain"},
             {"{{ n }}", "7"},
             {"Dear {{ user.name }}, {{user['tags'][0]}}\n", "Dear Ann, a"},
             {"{{ user.name | upper }}{{ xs | sort | join('-') }}", "ANN1-3"},
             {"{{ no | default('nobody') }} {{ n + 1 }} {{ 'a' ~ n }}", "nobody 8 a7"},
             {"a {#- said to nobody -#} b", "ab"},
             {"{{ user.tags | length }} {{ user.name.lower() }}", "2 ann"}})
        BOOST_TEST(given(jinja) == text, jinja << ": " << given(jinja));
}

BOOST_AUTO_TEST_CASE(jinja_chooses) {
    const std::string text =
        "Hi{% if n > 10 %} many{% elif n == 7 and user.name %} {{ user.name }}{% if no %}!{% else %}.{% "
        "endif %}"
        "{% else %} few{% endif %} end";
    BOOST_TEST(given(text) == "Hi Ann. end");
    BOOST_TEST(given("{% if no %}x{% endif %}") == "");
    BOOST_TEST(given("a\n{%- if n %}\n b\n{%- endif %}") == "a\n b");
}

BOOST_AUTO_TEST_CASE(jinja_that_does_more_is_named_with_its_line) {
    BOOST_TEST(given("a\n{% for x in xs %}{{ x }}{% endfor %}") == "line 2: {% for %}");
    BOOST_TEST(given("{{ other }}") == "line 1: the name other");
    BOOST_TEST(given("{{ n | tojson }}") == "line 1: the filter tojson");
    BOOST_TEST(given("{% if n %}x") == "line 1: an {% if %} without {% endif %}");
    BOOST_TEST(given("{{ n ") == "line 1: a {{ that is never closed");
    BOOST_TEST(given("{% if n %}{% endfor %}") == "line 1: {% endfor %}");
    std::string deep;
    for (int i = 0; i < 1000; ++i) deep += "{% if n %}";
    BOOST_TEST(given(deep) == "line 1: {% if %} nested this deep");
}

BOOST_AUTO_TEST_CASE(a_long_jinja_template_is_read_in_linear_steps) {
    std::string jinja;
    for (int i = 0; i < 200'000; ++i) jinja += "{{n}}";
    const auto begin = std::chrono::steady_clock::now();

    const auto read = readJinja(jinja, {{"n", {"n", PythonValue::Kind::Unknown, {}}}});

    BOOST_REQUIRE(read.ok());
    BOOST_TEST(read->size() == 200'000 * std::string("{{ n }}").size());
    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(10)));  // a minute else
}
