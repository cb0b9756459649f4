#include "workflow/expr/expression.h"

#include <boost/test/unit_test.hpp>
#include <random>
#include <thread>

namespace signalbox::workflow {
namespace {

std::string shown(const std::string& expression, const Json& scope = Json::object()) {
    const auto compiled = Expression::compile(expression);
    if (!compiled) return "error: " + compiled.error().message;
    const auto value = compiled->evaluate(scope);
    return value ? dumpJson(*value) : "error: " + value.error().message;
}

bool failsWith(const std::string& expression, const std::string& part, const Json& scope = Json::object()) {
    const auto got = shown(expression, scope);
    BOOST_TEST_INFO(expression << " → " << got);
    return got.starts_with("error: ") && got.find(part) != std::string::npos;
}

std::string repeated(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(operators_bind_in_the_documented_order) {
    BOOST_TEST(shown("1 + 2 * 3 - 4 / 2") == "5");
    BOOST_TEST(shown("10 - 3 - 2") == "5");
    BOOST_TEST(shown("'a' ~ 1 + 1") == "\"a2\"");
    BOOST_TEST(shown("1 + 1 == 2 and not 2 < 1") == "true");
    BOOST_TEST(shown("true or false and false") == "true");
    BOOST_TEST(shown("not true == false") == "true");
    BOOST_TEST(shown("2 * x ?? 3", {{"x", nullptr}}) == "6");
    BOOST_TEST(shown("'a' ~ 'B' | lower") == "\"ab\"");
    BOOST_TEST(shown("-3 | abs") == "3");
    BOOST_TEST(shown("true ? false ? 1 : 2 : 3") == "2");
    BOOST_TEST(shown("false ? 1 : true ? 2 : 3") == "2");
    BOOST_TEST(shown("- -2") == "2");
}

BOOST_AUTO_TEST_CASE(a_missing_member_is_null_at_any_depth) {
    const Json scope = {{"a", {{"b", {1, 2}}}}, {"t", "text"}};

    BOOST_TEST(shown("a.x.y.z[3].w", scope) == "null");
    BOOST_TEST(shown("a.b[2]", scope) == "null");
    BOOST_TEST(shown("a.b[-3]", scope) == "null");
    BOOST_TEST(shown("a.b['0']", scope) == "null");
    BOOST_TEST(shown("t.length", scope) == "null");
    BOOST_TEST(shown("nothing") == "null");
    BOOST_TEST(shown("a", Json("not an object")) == "null");
}

BOOST_AUTO_TEST_CASE(an_index_may_be_an_expression) {
    const Json scope = {{"list", {10, 20, 30}}, {"i", 1}, {"key", "b"}, {"map", {{"b", 5}}}};

    BOOST_TEST(shown("list[i + 1]", scope) == "30");
    BOOST_TEST(shown("map[key]", scope) == "5");
    BOOST_TEST(shown("[1, [2, 3]][1][0]", scope) == "2");
    BOOST_TEST(shown("(map | keys)[0]", scope) == "\"b\"");
}

BOOST_AUTO_TEST_CASE(members_may_be_called_like_operators) {
    const Json scope = {{"m", {{"contains", 1}, {"not", 2}, {"true", 3}}}};

    BOOST_TEST(shown("m.contains + m.not + m.true", scope) == "6");
}

BOOST_AUTO_TEST_CASE(equality_is_by_type_and_value) {
    BOOST_TEST(shown("1 == 1.0") == "true");
    BOOST_TEST(shown("'1' == 1") == "false");
    BOOST_TEST(shown("null == false") == "false");
    BOOST_TEST(shown("null == nothing") == "true");
    BOOST_TEST(shown("[1, {a: 2.0}] == [1.0, {a: 2}]") == "true");
    BOOST_TEST(shown("{a: 1} != {b: 1}") == "true");
    BOOST_TEST(shown("a == 9007199254740993", {{"a", 9007199254740992}}) == "false");
    BOOST_TEST(shown("a > 9223372036854775807", {{"a", 18446744073709551615u}}) == "true");
}

BOOST_AUTO_TEST_CASE(order_is_false_with_null_and_an_error_between_types) {
    BOOST_TEST(shown("nothing < 1") == "false");
    BOOST_TEST(shown("nothing >= 1") == "false");
    BOOST_TEST(shown("'a' < 'b'") == "true");
    BOOST_TEST(shown("'Z' < 'é'") == "true");
    BOOST_TEST(failsWith("true < 1", "column 6: cannot order true or false and a number"));
    BOOST_TEST(failsWith("[1] < [2]", "cannot order a list and a list"));
}

BOOST_AUTO_TEST_CASE(numbers_stay_whole_where_they_can) {
    BOOST_TEST(shown("9007199254740993 + 1") == "9007199254740994");
    BOOST_TEST(shown("9223372036854775807 + 1") == "9.223372036854776e+18");
    BOOST_TEST(shown("0.5 + 0.5") == "1");
    BOOST_TEST(shown("-7 % 3") == "2");
    BOOST_TEST(shown("7 % -3") == "-2");
    BOOST_TEST(shown("5.5 % 2") == "1.5");
    BOOST_TEST(shown("x % -1", {{"x", std::numeric_limits<std::int64_t>::min()}}) == "0");
    BOOST_TEST(shown("x / -1", {{"x", std::numeric_limits<std::int64_t>::min()}}) == "9.223372036854776e+18");
    BOOST_TEST(failsWith("1 / 0", "column 3: division by zero"));
    BOOST_TEST(failsWith("1 % 0.0", "division by zero"));
    BOOST_TEST(failsWith("1e308 * 10", "too large"));
    BOOST_TEST(failsWith("1e999", "out of range"));
    BOOST_TEST(failsWith("nothing + 1", "x ?? 0"));
}

BOOST_AUTO_TEST_CASE(and_or_stop_at_the_first_clear_operand) {
    BOOST_TEST(shown("false and 1 / 0") == "false");
    BOOST_TEST(shown("1 or 1 / 0") == "true");
    BOOST_TEST(shown("1 ?? 1 / 0") ==
               "error: column 8: division by zero; test the divisor first: b == 0 ? 0 : a / b");
    BOOST_TEST(shown("1 ?? (1 / 0)") == "1");
    BOOST_TEST(shown("true ? 1 : 1 / 0") == "1");
}

BOOST_AUTO_TEST_CASE(texts_know_escapes_and_unicode) {
    BOOST_TEST(shown(R"('it\'s' ~ "\u00e9\n\ud83d\ude00")") == "\"it'sé\\n😀\"");
    BOOST_TEST(shown("'ÀÉŠΩЖ' | lower") == "\"àéšωж\"");
    BOOST_TEST(shown("'àéšωжς' | upper") == "\"ÀÉŠΩЖΣ\"");
    BOOST_TEST(shown("'😀é' | reverse") == "\"é😀\"");
    BOOST_TEST(failsWith(R"('\ud83d')", "column 2: \\u takes"));
    BOOST_TEST(failsWith(R"('\q')", "unknown escape"));
    BOOST_TEST(failsWith("'abc", "column 1: the text is never closed"));
}

BOOST_AUTO_TEST_CASE(signs_of_other_languages_mean_what_they_mean_there) {
    BOOST_TEST(shown("1 > 2 || 2 > 1 && !false") == "true");
    BOOST_TEST(shown("!1 == false") == "true");
    BOOST_TEST(shown("not 1 == false") == "true");
    BOOST_TEST(shown("!'' && !null") == "true");
    BOOST_TEST(shown("1 === 1.0 && '1' !== 1") == "true");
    BOOST_TEST(shown("-!0 | abs").starts_with("error"));
}

BOOST_AUTO_TEST_CASE(a_fault_names_the_column_and_a_remedy) {
    BOOST_TEST(failsWith("", "column 1: the expression is empty"));
    BOOST_TEST(failsWith("a = b", "column 3: write == instead of ="));
    BOOST_TEST(failsWith("a <> b", "write != instead of <>"));
    BOOST_TEST(failsWith("a =~ 'b'", "write matches instead of =~"));
    BOOST_TEST(failsWith("a & b", "unexpected character &"));
    BOOST_TEST(failsWith("len(a)", "unknown function len; write length"));
    BOOST_TEST(failsWith("a AND b", "column 3: unexpected AND; write and"));
    BOOST_TEST(failsWith("a startsWith 'b'", "column 3: unexpected startsWith; write starts_with"));
    BOOST_TEST(failsWith("a is null", "column 3: unexpected is; write == null, == '' or not x"));
    BOOST_TEST(failsWith("1 < 2 < 3", "column 7: comparisons do not chain"));
    BOOST_TEST(failsWith("round(1.5", "column 10: expected ) after the arguments of round, not the end"));
    BOOST_TEST(failsWith("round(1, 2, 3)", "round takes 1 to 2 values (the one before | counts), not 3"));
    BOOST_TEST(failsWith("a.b()", "column 4: values have no methods"));
    BOOST_TEST(failsWith("a b", "column 3: unexpected b"));
    BOOST_TEST(failsWith("a.0", "an element is written [0]"));
    BOOST_TEST(failsWith("'é' ~ @", "column 7: unexpected character @"));
    BOOST_TEST(failsWith("1 +\n  )", "line 2, column 3: expected a value"));
    BOOST_TEST(failsWith("a matches '('", "column 11: the pattern is no RE2 regular expression"));
    BOOST_TEST(failsWith("2x", "a name cannot begin with a digit"));
    BOOST_TEST(failsWith("x | 5", "expected a filter such as lower"));
    BOOST_TEST(failsWith("not contains 5", "expected a value before contains"));
    BOOST_TEST(failsWith("\"\xff\"", "no UTF-8"));
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_refused_and_wide_expressions_are_not) {
    BOOST_TEST(failsWith(repeated("(", 200) + "1" + repeated(")", 200), "deeper than 64"));
    BOOST_TEST(failsWith(repeated("[", 8000), "deeper than 64"));
    BOOST_TEST(failsWith(repeated("-", 200) + "1", "deeper than 64"));
    BOOST_TEST(failsWith(repeated("not ", 200) + "1", "deeper than 64"));
    BOOST_TEST(failsWith("1" + repeated("|abs", 200), "deeper than 64"));
    BOOST_TEST(failsWith(repeated("a?", 200), "deeper than 64"));
    BOOST_TEST(shown("0" + repeated("+1", 5000)) == "5000");
    BOOST_TEST(shown("0" + repeated(" or 0", 3000)) == "false");
    BOOST_TEST(failsWith(repeated(" ", 17000) + "1", "longer than 16 KiB"));
}

BOOST_AUTO_TEST_CASE(a_small_expression_cannot_do_much_work) {
    const Json scope = {{"t", std::string(1 << 19, 'a')}, {"list", Json::array()}};

    BOOST_TEST(failsWith("t ~ t ~ t", "over 1 MiB", scope));
    BOOST_TEST(failsWith("t | replace('a', 'bbbb')", "over 1 MiB", scope));
    BOOST_TEST(failsWith("length(t)" + repeated("+length(t)", 1400), "more than 16 MiB", scope));
    BOOST_TEST(failsWith("t | split('a') | sort | unique | length", "more than 16 MiB", scope));
    const std::string slow = "t matches '(" + repeated("a?", 400) + ")*b'";
    BOOST_TEST(failsWith(slow + " or " + slow, "more than 16 MiB", scope));
    BOOST_TEST(failsWith("t matches ('" + repeated("a", 1025) + "' ~ '')", "longer than 1024", scope));
}

BOOST_AUTO_TEST_CASE(random_text_never_does_more_than_fail) {
    const std::string pieces[] = {"a",   ".",    "b",       "[",      "]",      "(",   ")",  "'x'",
                                  "\"",  "1",    "2.5",     "+",      "-",      "*",   "/",  "%",
                                  "~",   "?",    ":",       "??",     "|",      "{",   "}",  ",",
                                  "and", " or ", "not",     " in ",   "==",     "<",   ">=", "null",
                                  "\\",  "'",    "lower",   "round(", "sum",    "1e9", "é",  "\xff\x00",
                                  "\n",  "sort", "matches", "date(",  "slice(", "[-1]"};
    const Json scope = {{"a", {{"b", {1, "x", nullptr, {{"a", 2}}}}}}, {"b", "text"}};
    std::mt19937 dice(20260105);

    std::size_t valid = 0;
    for (int i = 0; i < 100'000; ++i) {
        std::string text;
        for (unsigned n = dice() % 12 + 1; n > 0; --n)
            text += pieces[dice() % std::size(pieces)] + (dice() % 2 ? " " : "");
        const auto compiled = Expression::compile(text);
        if (!compiled) BOOST_REQUIRE(compiled.error().message.find("column ") != std::string::npos);
        if (!compiled) continue;
        ++valid;
        const auto value = compiled->evaluate(scope);
        if (!value) BOOST_REQUIRE(value.error().message.find("column ") != std::string::npos);
    }

    BOOST_TEST(valid > 1000u);
}

BOOST_AUTO_TEST_CASE(every_function_is_total_over_odd_values) {
    const Json odd = {nullptr,
                      true,
                      0,
                      -1,
                      1e300,
                      9223372036854775807,
                      18446744073709551615u,
                      "",
                      "a",
                      "\xff\xfe",
                      "%",
                      std::string(300, '('),
                      Json::array(),
                      {1, "a", nullptr},
                      Json::object(),
                      {{"a", {1}}}};
    const Json scope = {{"v", odd}};
    for (const std::string name :
         {"lower",      "truncate", "replace", "split",  "join",  "slice",    "first",
          "last",       "reverse",  "sort",    "unique", "pluck", "where",    "round",
          "floor",      "abs",      "min",     "sum",    "date",  "date_add", "timestamp",
          "parse_json", "extract",  "matches", "has",    "keys",  "merge",    "base64_decode",
          "url_encode", "number",   "default", "json",   "length"}) {
        for (std::size_t i = 0; i < odd.size() * odd.size() * 3; ++i) {
            const auto v = [&](std::size_t at) { return "v[" + std::to_string(at % odd.size()) + "]"; };
            std::string call = name + "(" + v(i);
            for (std::size_t n = i / odd.size() / odd.size(); n > 0; --n)
                call += ", " + v(i / odd.size() + n - 1);
            const auto compiled = Expression::compile(call + ")");
            if (!compiled) continue;
            const auto value = compiled->evaluate(scope);
            if (!value)
                BOOST_TEST(value.error().message.starts_with("column "),
                           call << ": " << value.error().message);
        }
    }
}

BOOST_AUTO_TEST_CASE(names_are_the_paths_that_are_written_out) {
    const auto expression =
        Expression::compile("message.text ~ nodes['ask-1'].output[i].x ?? (env | keys) ~ {a: run.id}");

    BOOST_REQUIRE(expression);
    BOOST_TEST(expression->names() ==
                   (std::vector<std::string>{"env", "i", "message.text", "nodes.ask-1.output", "run.id"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_expression_serves_many_threads) {
    const auto expression = Expression::compile("items | pluck('n') | sum > 2 and name matches '^A'");
    BOOST_REQUIRE(expression);
    const Json scope = {{"items", {{{"n", 1}}, {{"n", 2}}}}, {"name", "Ann"}};
    std::atomic<int> right = 0;

    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 2000; ++i) right += *expression->evaluate(scope) == Json(true) ? 1 : 0;
            });
    }

    BOOST_TEST(right == 8000);
}

}  // namespace signalbox::workflow
