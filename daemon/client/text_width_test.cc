#include "daemon/client/text_width.h"

#include <boost/test/unit_test.hpp>

#include "daemon/client/table.h"

namespace signalbox::client {

BOOST_AUTO_TEST_CASE(width_counts_columns_and_not_bytes) {
    BOOST_TEST(displayWidth("abc") == 3u);
    BOOST_TEST(displayWidth("Grüße") == 5u);
    BOOST_TEST(displayWidth("价格") == 4u);
    BOOST_TEST(displayWidth("😀") == 2u);
    BOOST_TEST(displayWidth("e\u0301") == 1u);
    BOOST_TEST(displayWidth("नमस्ते") == 4u);
    BOOST_TEST(displayWidth("") == 0u);
}

BOOST_AUTO_TEST_CASE(a_cut_text_never_takes_more_columns_than_it_may) {
    BOOST_TEST(fitTo("hello", 5) == "hello");
    BOOST_TEST(fitTo("hello", 4) == "hel…");
    BOOST_TEST(fitTo("价格是", 5) == "价格…");
    BOOST_TEST(fitTo("价格是", 4) == "价…");
    BOOST_TEST(fitTo("hello", 1) == "…");
    BOOST_TEST(fitTo("hello", 0) == "");
}

BOOST_AUTO_TEST_CASE(text_of_strangers_cannot_command_the_terminal) {
    BOOST_TEST(printable("a\x1b[2Jb") == "a\uFFFD[2Jb");
    BOOST_TEST(printable("two\nlines\tand a tab\r") == "two lines and a tab ");
    BOOST_TEST(printable("\u202Egnp.exe\u2066") == "\uFFFDgnp.exe\uFFFD");
    BOOST_TEST(printable("\xc2\x9b"
                         "31m") ==
               "\uFFFD"
               "31m");
    BOOST_TEST(printable("\xff\xc0\xafok\xe2\x82") == "\uFFFD\uFFFD\uFFFDok\uFFFD\uFFFD");
    BOOST_TEST(printable("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");
    BOOST_TEST(printable(std::string_view("\0", 1)) == "\uFFFD");
}

BOOST_AUTO_TEST_CASE(a_table_lines_up_wide_characters_and_fits_the_terminal) {
    Table table({"NAME", "TEXT"});
    table.add({"价格", "short"});
    table.add({"b", "a text that is much longer than the terminal is wide"});

    BOOST_TEST(table.render(0) ==
               "NAME  TEXT\n价格  short\nb     a text that is much longer than the terminal is wide\n");
    BOOST_TEST(table.render(24) == "NAME  TEXT\n价格  short\nb     a text that is mu…\n");
}

BOOST_AUTO_TEST_CASE(a_table_with_many_columns_leaves_each_something_to_recognise) {
    Table table({"A", "B"});
    table.add({std::string(40, 'a'), std::string(40, 'b')});

    const std::string text = table.render(10);

    BOOST_TEST(text.find("aaaaaaa…  bbbbbbb…") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(cells_show_each_kind_of_value) {
    const Json value = {
        {"a", nullptr}, {"b", true}, {"c", 3}, {"d", {{"x", 1}}}, {"t", "2026-11-21T07:00:00.123Z"}};

    BOOST_TEST(cell(value, "a") == "");
    BOOST_TEST(cell(value, "b") == "yes");
    BOOST_TEST(cell(value, "c") == "3");
    BOOST_TEST(cell(value, "d") == "{\"x\":1}");
    BOOST_TEST(cell(value, "missing") == "");
    BOOST_TEST(timeCell(value, "t") == "2026-11-21 07:00:00");
}

}  // namespace signalbox::client
