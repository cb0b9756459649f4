#include "connectors/email/mime/reply_text.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/html_text.h"
#include "tests/build_places.h"
#include "tests/support/shared_samples.h"

using namespace signalbox;

namespace {

// One case a line; «|» stands for the end of a line.
std::vector<std::string> linesOfCase(const std::string& name) {
    const auto text = testing::readFile(SIGNALBOX_SOURCE_DIR "/connectors/email/mime/cases/" + name);
    BOOST_REQUIRE(text);
    std::vector<std::string> cases;
    for (const std::string_view line : mime::linesOf(*text)) {
        cases.emplace_back(line);
        std::replace(cases.back().begin(), cases.back().end(), '|', '\n');
    }
    BOOST_REQUIRE(cases.size() > 10U);
    return cases;
}

constexpr const char* kAnswer = "Yes, 100 pieces at 10:30 please.\n\nBob";

std::string asHtml(std::string_view text) {
    std::string html;
    for (const std::string_view line : mime::linesOf(text)) {
        html += "<div>";
        for (const char c : line) html += c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
        html += "<br></div>";
    }
    return html;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_programs_write_above_a_quote_goes_with_it) {
    for (const std::string& introduction : linesOfCase("introductions.txt")) {
        const std::string answered =
            std::string(kAnswer) + "\n\n" + introduction + "\n\n> Hello,\n>\n> how many?\n";
        const std::string html = asHtml(kAnswer) + "<br>" + asHtml(introduction) +
                                 "<blockquote type=\"cite\">" + asHtml("Hello,\n\nhow many?") +
                                 "</blockquote>";

        BOOST_TEST(mime::replyText(answered, "", false) == kAnswer, introduction);
        BOOST_TEST(mime::replyText("", html, true) == kAnswer, introduction);
        BOOST_TEST(mime::replyText(introduction + "\n> how many?\n\n" + kAnswer, "", false) == kAnswer,
                   introduction);
    }
}

BOOST_AUTO_TEST_CASE(headers_above_a_quote_begin_it) {
    for (const std::string& block : linesOfCase("header_blocks.txt")) {
        const std::string quote = block + "\n\nHello,\n\nhow many?\n";

        BOOST_TEST(mime::replyText(std::string(kAnswer) + "\n\n" + quote, "", false) == kAnswer, block);
        BOOST_TEST(
            mime::replyText(std::string(kAnswer) + "\n-------- Nobody knows these words --------\n" + quote,
                            "", false) == kAnswer,
            block);
        const std::string html = asHtml(kAnswer) + "<hr>" + asHtml(quote);
        BOOST_TEST(mime::replyText(mime::htmlToText(html), html, true) == kAnswer, block);
        BOOST_TEST(!mime::replyText(quote, "", false).empty(), block);
    }
}

BOOST_AUTO_TEST_CASE(what_telephones_add_is_no_answer) {
    for (const std::string& signature : linesOfCase("telephones.txt")) {
        BOOST_TEST(mime::replyText(std::string(kAnswer) + "\n\n" + signature + "\n", "", false) == kAnswer,
                   signature);
        BOOST_TEST(mime::replyText(signature, "", false) == signature);
    }
}

BOOST_AUTO_TEST_CASE(a_table_of_headers_begins_a_quote) {
    constexpr const char* kTable =
        "| From | Ada<ada@example.org> |\n| Date | 06/03/2024 10:11 |\n| To | bob<bob@example.net> |\n"
        "| Subject | Offer |\nHello,\n\nhow many?\n";

    BOOST_TEST(mime::replyText(std::string(kAnswer) + "\n\n---- Replied Message ----\n" + kTable, "",
                               false) == kAnswer);
    BOOST_TEST(mime::replyText(std::string(kAnswer) + "\n\n" + kTable, "", false) == kAnswer);
}

BOOST_AUTO_TEST_CASE(words_that_look_like_quotes_stay) {
    for (const std::string& text : linesOfCase("whole.txt"))
        BOOST_TEST(mime::replyText(text, "", false) == text);
}
