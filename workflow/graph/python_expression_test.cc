#include "workflow/graph/python_expression.h"

#include <boost/test/unit_test.hpp>

#include "workflow/expr/expression.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

using Kind = PythonValue::Kind;

// What the function gives as JSON, or why it is not taken.
std::string given(const std::string& code, Kind result = Kind::Unknown) {
    const PythonFunction function{
        code,
        {{"n", {"n", Kind::Number, {}}}, {"name", {"name", Kind::Text, {}}}, {"x", {"x", Kind::Unknown, {}}}},
        {{"r", result}}};
    const auto members = readPython(function);
    if (!members) return members.error().message;
    const Json scope = {{"n", 7}, {"name", "Ann Lee"}, {"x", {1, 2, 3}}};
    Json out = Json::object();
    for (const auto& [key, value] : *members) {
        const auto compiled = Expression::compile(value.text);
        BOOST_REQUIRE_MESSAGE(compiled.ok(), value.text);
        const auto made = compiled->evaluate(scope);
        BOOST_REQUIRE_MESSAGE(made.ok(), value.text);
        out[key] = *made;
    }
    return dumpJson(out);
}
std::string returned(const std::string& expression) {
    return given("def main(n: int, name: str, x) -> dict:\n    return {'r': " + expression + "}\n");
}

}  // namespace

BOOST_AUTO_TEST_CASE(python_that_computes_gives_what_it_gives_there) {
    for (const auto& [python, json] :
         std::map<std::string, std::string>{{"[1, 2.5, 'a', None, True,]", R"([1,2.5,"a",null,true])"},
                                            {"{'a': {'b': [n]}}", R"({"a":{"b":[7]}})"},
                                            {"n + 1", "8"},
                                            {"name + '!'", R"("Ann Lee!")"},
                                            {"[n] + x", "[7,1,2,3]"},
                                            {"n // 2 * 2 + n % 2", "7"},
                                            {"-n // 2", "-4"},
                                            {"f'{name}: {{{n}}}' \" end\"", R"("Ann Lee: {7} end")"},
                                            {"'big' if n > 5 and not n == 6 else 'small'", R"("big")"},
                                            {"name or 'nobody'", R"("Ann Lee")"},
                                            {"name.split(' ')[-1].upper()", R"("LEE")"},
                                            {"name[:3] + name[-3:]", R"("AnnLee")"},
                                            {"', '.join(['a', 'b'])", R"("a, b")"},
                                            {"len(x) + sum(x) + max(x)", "12"},
                                            {"2 in x and 9 not in x and None is not x", "true"},
                                            {"int('7') + int(-1.5)", "6"},
                                            {"{'a': 1}.get('b', 5)", "5"}}) {
        BOOST_TEST(returned(python) == "{\"r\":" + json + "}", python << ": " << returned(python));
    }
}

BOOST_AUTO_TEST_CASE(names_stand_for_what_was_assigned_to_them) {
    BOOST_TEST(
        given("import json\n\n# doubles\ndef main(\n    n: int,\n    x: List[int],\n) -> Dict[str, int]:\n"
              "    \"\"\"Two\n    lines.\"\"\"\n    twice: int = n * 2  # so\n    out = {\n"
              "        'r': twice,\n    }\n    return out\n") == R"({"r":14})");
    BOOST_TEST(given("def main(n): return {\"r\": n + 1}") == R"({"r":8})");
    BOOST_TEST(given("def main(x, y):\n  return {'r': x[0] + x[1]}", Kind::Number) == R"({"r":3})");
}

BOOST_AUTO_TEST_CASE(python_that_does_more_is_named_with_its_line) {
    BOOST_TEST(given("def main(x):\n    out = []\n    for one in x:\n        out.append(one)\n    return "
                     "{'r': out}") == "line 3: \"for\"");
    BOOST_TEST(given("import re\ndef main(x):\n    return {'r': re.sub('a', 'b', x)}") ==
               "line 3: the name re");
    BOOST_TEST(returned("x[0] + x[1]") == "line 2: a + of values whose type is not said");
    BOOST_TEST(returned("name * 3") == "line 2: \"*\" of a text or a list");
    BOOST_TEST(returned("[i for i in x]") == "line 2: the name i");
    BOOST_TEST(returned("f'{n:.2f}'") == "line 2: a format in an f-string");
    BOOST_TEST(returned("lambda: 1").starts_with("line 2: the name lambda"));
    BOOST_TEST(given("def main():\n    return 1") ==
               "line 2: a return of something else than an object that is written out");
    BOOST_TEST(given("x = 1") == "line 1: something before main");
    BOOST_TEST(given("") == "line 1: a function without a return");
    for (const char* nested : {"(", "-", "not ", "[", "f("}) {
        std::string deep;
        for (int i = 0; i < 5000; ++i) deep += nested;
        BOOST_TEST(returned(deep).find("line 2: ") == 0, returned(deep));
    }
    std::string wide = "def main(n):\n  a = n + 1\n";
    for (int i = 0; i < 30; ++i) wide += "  a = a + a\n";
    BOOST_TEST(given(wide + "  return {'r': a}") == "line 12: an expression this long");
    BOOST_TEST(given("def main(n): return n.") == "line 1: an expression ends too early");
    BOOST_TEST(returned("n.'x'") == "line 2: \"x\"");
}
