#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "connectors/email/mime/parse_mail.h"
#include "tests/build_places.h"
#include "tests/support/shared_samples.h"

using namespace signalbox;

namespace {

const std::filesystem::path kCases = SIGNALBOX_SOURCE_DIR "/connectors/email/mime/cases";

// What the case names must be so; what it does not name may be anything.
void compare(const Json& expected, const Json& actual, const std::string& where) {
    if (expected.is_object()) {
        BOOST_REQUIRE_MESSAGE(actual.is_object(), where << ": no object but " << dumpJson(actual));
        for (const auto& [key, value] : expected.items())
            compare(value, actual.contains(key) ? actual[key] : Json("(missing)"), where + '.' + key);
        return;
    }
    if (expected.is_array()) {
        BOOST_REQUIRE_MESSAGE(actual.is_array() && actual.size() == expected.size(),
                              where << ": " << dumpJson(actual) << " instead of " << dumpJson(expected));
        for (std::size_t i = 0; i < expected.size(); ++i)
            compare(expected[i], actual[i], where + '[' + std::to_string(i) + ']');
        return;
    }
    BOOST_TEST(dumpJson(actual) == dumpJson(expected),
               where << ": " << dumpJson(actual) << " instead of " << dumpJson(expected));
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_case_is_read_as_it_says) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kCases)) {
        if (entry.path().extension() != ".eml") continue;
        const auto mail = testing::readFile(entry.path());
        auto side = entry.path();
        const auto expected = testing::readFile(side.replace_extension(".json"));
        BOOST_REQUIRE_MESSAGE(mail && expected, entry.path().string() << " needs a .json beside it");
        const auto json = parseJson(*expected);
        BOOST_REQUIRE_MESSAGE(json.ok(), side.string());

        compare(*json, mime::mailToJson(mime::parseMail(*mail)), entry.path().stem().string());
        ++count;
    }
    BOOST_TEST(count > 70U);
}

BOOST_AUTO_TEST_CASE(the_same_bytes_without_message_id_get_the_same_one) {
    const Mail first = mime::parseMail("Subject: a\n\nx\n"), again = mime::parseMail("Subject: a\n\nx\n");

    BOOST_TEST(first.message_id == again.message_id);
    BOOST_TEST(!first.has_message_id);
    BOOST_TEST(first.message_id != mime::parseMail("Subject: b\n\nx\n").message_id);
}

BOOST_AUTO_TEST_CASE(what_is_too_much_is_left_out_and_said) {
    std::string many = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 5000; ++i) many += "--b\n\nx\n";
    std::string deep = "Subject: x\n";
    for (int i = 0; i < 2000; ++i) {
        const std::string mark = "b" + std::to_string(i);
        deep += "Content-Type: multipart/mixed; boundary=" + mark + "\n\n--" + mark + "\n";
    }
    std::string links = "Content-Type: text/html\n\n";
    for (int i = 0; i < 5001; ++i) links += "<a href=\"http://e.org\">l</a> ";

    BOOST_TEST(mime::parseMail(many).parts.parts.size() <= 1000U);
    BOOST_TEST(!mime::parseMail(many).warnings.empty());
    BOOST_TEST(!mime::parseMail(deep).warnings.empty());
    BOOST_TEST(mime::parseMail(links).html.empty());
    BOOST_TEST(mime::parseMail(links).text.starts_with("l"));
}

BOOST_AUTO_TEST_CASE(what_is_nested_without_end_is_read_in_time) {
    std::string groups = "To: ", comments = "To: ", rules = "Content-Type: text/html\n\n";
    for (int i = 0; i < 100'000; ++i) {
        groups += "a:";
        comments += '(';
        rules += "<div id=appendonsend></div>";
    }

    std::string folded = "Subject: x\n";
    for (int i = 0; i < 500'000; ++i) folded += " \n";
    BOOST_TEST(mime::parseMail(folded + "To: b@example.org\n\nhi\n").text == "hi\n");
    BOOST_TEST(mime::parseMail(groups + "\nSubject: x\n\nhi\n").text == "hi\n");
    BOOST_TEST(mime::parseMail(comments + "\nSubject: x\n\nhi\n").text == "hi\n");
    BOOST_TEST(mime::parseMail(rules + "hi").stripped_text == "hi");
}

BOOST_AUTO_TEST_CASE(a_bounce_of_thousands_is_read_in_time_and_bounded) {
    std::string failed = "From: mailer-daemon@mx.example.org\nSubject: Undelivered\nX-Failed-Recipients: ";
    for (int i = 0; i < 5000; ++i) failed += "u" + std::to_string(i) + "@example.net, ";
    failed += "\n\n";
    for (int i = 0; i < 5000; ++i) failed += "It could not be delivered because of something.\n";

    const auto bounce = mime::parseMail(failed).bounce;

    BOOST_REQUIRE(bounce);
    BOOST_TEST(bounce->recipients.size() == 1000U);
    for (const BounceRecipient& one : bounce->recipients) BOOST_TEST(one.diagnostic.size() < 10'000U);
}

BOOST_AUTO_TEST_CASE(nothing_that_runs_survives_in_html) {
    for (const char* html :
         {"<img src=x onerror=alert(1)>", "<a href=\" java\tscript:alert(1)\">x</a>",
          "<svg><script>alert(1)</script></svg>", "<p style=\"background:url(javascript:alert(1))\">x",
          "<iframe src=//evil></iframe>", "<scr<script>ipt>alert(1)</script>",
          "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
          "<div style='width:expression(alert(1))'>", "<!--><img src=x onerror=alert(1)>-->",
          "<object data=x></object><embed src=x>", "<a href=data:text/html,alert(1)>x</a>",
          "<style>@import 'x'</style>"}) {
        const std::string safe = mime::parseMail(std::string("Content-Type: text/html\n\n") + html).html;

        for (const char* bad : {"<script", "onerror", "javascript:", "<iframe", "<svg", "<style",
                                "expression(", "data:text", "<object", "url("})
            BOOST_TEST(safe.find(bad) == std::string::npos, html << " became " << safe);
    }
}
