#include "workflow/engine/csv_reader.h"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

std::string shown(const Result<CsvPiece>& piece) {
    if (!piece) return piece.error().message;
    std::string out;
    for (const auto& row : piece->rows) {
        for (const auto& cell : row) out += "<" + cell + ">";
        out += "|";
    }
    return out + std::to_string(piece->taken);
}

}  // namespace

BOOST_AUTO_TEST_CASE(quotes_line_ends_and_empty_lines_are_read_as_spreadsheets_write_them) {
    BOOST_TEST(shown(readCsv("a,b\r\n\r\n1,\"x, \"\"y\"\"\nz\"\n,\nlast", ',', 99, true)) ==
               "<a><b>|<1><x, \"y\"\nz>|<><>|<last>|28");
    BOOST_TEST(shown(readCsv("a;b,c\rd;\"\"", ';', 99, true)) == "<a><b,c>|<d><>|10");
    BOOST_TEST(shown(readCsv("1,", ',', 99, true)) == "<1><>|2");
}

BOOST_AUTO_TEST_CASE(a_row_that_goes_on_behind_the_piece_is_left_for_the_next_one) {
    const std::string text = "a,b\r\n\"c\"\"\",d\r\ne,\"f\n\"\r\n";
    const std::string whole = shown(readCsv(text, ',', 99, true));
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const auto first = readCsv(text.substr(0, cut), ',', 99, false);
        BOOST_REQUIRE_MESSAGE(first.ok(), (first ? "" : first.error().message));
        const auto second = readCsv(text.substr(first->taken), ',', 99, true);
        BOOST_REQUIRE_MESSAGE(second.ok(), (second ? "" : second.error().message));
        CsvPiece both = *first;
        both.rows.insert(both.rows.end(), second->rows.begin(), second->rows.end());
        both.taken += second->taken;
        BOOST_TEST(shown(both) == whole, "cut at " << cut);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_csv_says_where) {
    BOOST_TEST(shown(readCsv("\"a\"b", ',', 9, true)) == "csv: text behind a closing quote: a");
    BOOST_TEST(shown(readCsv("\"a", ',', 9, true)) == "csv: a quote is never closed: a");
}

BOOST_AUTO_TEST_CASE(separators_and_old_encodings_are_found_out) {
    BOOST_TEST(separatorOf("a;b;\"c,d,e,f\"\n1,2,3,4,5") == ';');
    BOOST_TEST(separatorOf("a\tb") == '\t');
    BOOST_TEST(separatorOf("only") == ',');
    BOOST_TEST(asUtf8("M\xFCller \x80") == "Müller €");
    BOOST_TEST(asUtf8("Müller") == "Müller");
}
