#include "base/json.h"

#include <boost/test/unit_test.hpp>

#include "base/json_text.h"
#include "base/own_json.h"

namespace signalbox {

BOOST_AUTO_TEST_SUITE(json)

// nlohmann's own writer is the judge.
BOOST_AUTO_TEST_CASE(text_is_what_the_library_would_write) {
    std::string every_byte;
    for (int c = 0; c < 0x80; ++c) every_byte += static_cast<char>(c);
    const Json value = {
        {"bytes", every_byte},
        {"words", "grüß dich, Привет, 日本, 🎉"},
        {"numbers", {0, -1, INT64_MIN, INT64_MAX, UINT64_MAX, 0.1, 1e300, -2.0}},
        {"rest", {nullptr, true, false, "", Json::array(), Json::object(), {{"", {{"a", 1}}}}}}};

    BOOST_TEST(dumpJson(value) == value.dump());
    BOOST_TEST(dumpJson(std::numeric_limits<double>::infinity()) == "null");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_are_replaced) {
    const std::string no_text = "a\xC3(\xFF\xED\xA0\x80z\xE2\x82";

    BOOST_TEST(dumpJson(no_text) == "\"a\uFFFD(\uFFFD\uFFFD\uFFFD\uFFFDz\uFFFD\uFFFD\"");
}

BOOST_AUTO_TEST_CASE(members_become_an_object) {
    JsonMembers members;

    members.put("text", "say \"hi\"\n");
    members.putIfAny("missing", "");
    members.putJson("list", Json{1, "b"});
    members.putText("content", R"({"a":1})");

    BOOST_TEST(members.take() == R"("text":"say \"hi\"\n","list":[1,"b"],"content":{"a":1})");
}

BOOST_AUTO_TEST_CASE(an_outline_has_a_texts_own_members_however_deep_the_rest_is) {
    std::string deep(1000, '[');
    deep += std::string(1000, ']');

    const Json outline = outlineOf(R"({"a":)" + deep + R"(,"key":"k","n":1})");

    BOOST_TEST(textAt(outline, "key") == "k");
    BOOST_TEST(outlineOf("no json").is_null());
}

// Both ways of reading must agree, and nlohmann's own parser is the judge.
BOOST_AUTO_TEST_CASE(what_is_read_is_what_the_library_would_read) {
    const std::string texts[] = {
        R"({"a":[1,-2,3.5,1e5,true,false,null],"b":{"c":{}},"d":[],"":"\u00e9\ud83d\ude00\n\"\\\/"})",
        R"({"same":{"a":1},"same":[2]})",
        "[0,-0,-0.0,18446744073709551615,-9223372036854775808,9007199254740993,5e-324]",
        "[18446744073709551616,-9223372036854775809,0.1234567890123456789012345]",
        " \"grüß dich\"\n",
        "\xEF\xBB\xBF{}"};
    for (const auto& text : texts) {
        const auto read = parseJson(text);
        BOOST_REQUIRE_MESSAGE(read.ok(), text);
        BOOST_TEST(read->dump() == Json::parse(text).dump());
    }
    for (const char* text : {"", "{", "[1,]", "01", "1.", "1e400", "nul", "{} {}", "\"\t\"", R"("\ud800")",
                             R"("\udc00")", "\"\xED\xA0\x80\"", "\"\xFF\""})
        BOOST_TEST(!parseJson(text).ok(), text);
}

BOOST_AUTO_TEST_CASE(limits_and_faults_are_named) {
    const auto reason = [](std::string_view text, const JsonLimits& limits = {}) {
        return parseJson(text, limits).error().message;
    };

    BOOST_TEST(reason("{\n  \"a\": 1,\n}") == "line 3, column 1: not valid JSON");
    BOOST_TEST(reason(std::string(65, '[') + std::string(65, ']')) == "nested deeper than 64");
    BOOST_TEST(reason("[1,2,3]", {.max_values = 3}) == "more than 3 values");
    BOOST_TEST(parseJson("[1,2]", {.max_values = 3}).ok());
    BOOST_TEST(reason(R"({"a":1,"a":2})", {.refuse_duplicate_keys = true}) ==
               "the key \"a\" stands twice in one object");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace signalbox
