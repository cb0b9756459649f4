#include "daemon/config/yaml_document.h"

#include <boost/test/unit_test.hpp>

#include "daemon/config/suggestion.h"

namespace signalbox::config {

BOOST_AUTO_TEST_CASE(unquoted_scalars_read_as_yaml_1_2_says) {
    std::vector<Problem> problems;

    const YamlDocument document = parseYaml(R"(
[null, ~, , true, False, yes, 12, -3, 1.5, 1e3, 0x10, 007, +1, 12a, "12", 'true', 9223372036854775808, 0, 0.5, -]
)",
                                            problems);

    BOOST_TEST(problems.empty());
    BOOST_TEST(document.value.dump() ==
               R"([null,null,null,true,false,"yes",12,-3,1.5,1000.0,"0x10","007","+1","12a","12","true",)"
               R"(9.223372036854776e+18,0,0.5,"-"])");
}

BOOST_AUTO_TEST_CASE(every_key_and_value_has_its_place) {
    std::vector<Problem> problems;

    const YamlDocument document = parseYaml("a:\n  - b: 1\n    c: {d: x}\n", problems);

    BOOST_TEST(document.keyPosition("a[0].c").line == 3);
    BOOST_TEST(document.keyPosition("a[0].c").column == 5);
    BOOST_TEST(document.valuePosition("a[0].c.d").column == 12);
    BOOST_TEST(document.valuePosition("a[0].c.d.nowhere[3].e").column == 12);
    BOOST_TEST(document.keyPosition("nowhere").line == 1);
    BOOST_TEST(document.literals.at("a[0].b") == "1");
}

BOOST_AUTO_TEST_CASE(hostile_bytes_are_refused_or_read_but_never_crash) {
    for (const std::string& text :
         {std::string("\0\0\0", 3), std::string("\xff\xfe a: \xc3"), std::string("a: \"\\u12\""),
          std::string(200'000, '{'), std::string("a: b: c: d"), std::string("%YAML 9.9\n---\n"),
          std::string("&a [*a]"), std::string("<<: {a: 1}\n"), std::string("'"), std::string("|\n x"),
          std::string("- - - -\n -")}) {
        std::vector<Problem> problems;

        const YamlDocument document = parseYaml(text, problems);

        BOOST_TEST((!problems.empty() || !document.value.is_discarded()));
    }
}

BOOST_AUTO_TEST_CASE(a_slip_of_the_pen_finds_its_word_and_another_word_does_not) {
    const std::vector<std::string> known = {"bot_token", "base_url", "port", "host"};

    BOOST_TEST(suggest("bot_tokn", known) == "bot_token");
    BOOST_TEST(suggest("prot", known) == "port");
    BOOST_TEST(suggest("base-url", known) == "base_url");
    BOOST_TEST(suggest("bot", known) == "bot_token");
    BOOST_TEST(suggest("webhook_secret", known) == "");
    BOOST_TEST(suggest(std::string(5'000, 'x'), known) == "");
    BOOST_TEST(suggest("x", {}) == "");
}

}  // namespace signalbox::config
