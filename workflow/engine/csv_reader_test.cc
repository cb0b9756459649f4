#include "workflow/engine/csv_reader.h"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

std::string shown(const CsvPiece& piece) {
    std::string out;
    for (const auto& row : piece.rows) {
        if (!row.fault.empty()) out += std::to_string(row.line) + ": " + row.fault;
        for (const auto& cell : row.cells) out += "<" + cell + ">";
        out += "|";
    }
    return out + std::to_string(piece.taken);
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
        const auto second = readCsv(text.substr(first.taken), ',', 99, true);
        CsvPiece both = first;
        both.rows.insert(both.rows.end(), second.rows.begin(), second.rows.end());
        both.taken += second.taken;
        BOOST_TEST(first.lines + second.lines == 4U);
        BOOST_TEST(shown(both) == whole, "cut at " << cut);
    }
}

BOOST_AUTO_TEST_CASE(a_bad_quote_is_a_fault_of_its_row_alone_with_line_and_column) {
    BOOST_TEST(shown(readCsv("x\r\n\"1\n2\",y\nz,\"C\"x,e\"\r\nD,e\n", ',', 9, true)) ==
               "<x>|<1\n2><y>|4: column 2: text behind a closing quote: C|<D><e>|26");
    BOOST_TEST(shown(readCsv("n\n\"Ann,a\nBob,b\n", ',', 9, true)) ==
               "<n>|2: column 1: a quote is never closed: Ann,a\nBob,b\n|<Bob><b>|15");
    BOOST_TEST(shown(readCsv("n\n\"C\"x,e", ',', 9, false)) == "<n>|2");
}

BOOST_AUTO_TEST_CASE(the_line_that_names_the_separator_is_no_header) {
    BOOST_TEST((separatorLineOf("sep=;\r\na;b")->separator == ';'));
    BOOST_TEST(separatorLineOf("sep=;\r\na;b")->taken == 7U);
    BOOST_TEST(separatorLineOf("\"sep=|\"\na|b")->taken == 8U);
    BOOST_TEST(!separatorLineOf("sep=;x\n"));
    BOOST_TEST(!separatorLineOf("separator\n"));
}

BOOST_AUTO_TEST_CASE(separators_and_old_encodings_are_found_out) {
    BOOST_TEST(separatorOf("a;b;\"c,d,e,f\"\n1,2,3,4,5") == ';');
    BOOST_TEST(separatorOf("a\tb") == '\t');
    BOOST_TEST(separatorOf("only") == ',');
    BOOST_TEST(asUtf8("M\xFCller \x80") == "Müller €");
    BOOST_TEST(asUtf8("Müller") == "Müller");
}
