// Rows of a CSV file (RFC 4180 and what spreadsheets write) out of pieces of its bytes. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signalbox::workflow {

struct CsvRow {
    std::vector<std::string> cells;
    std::size_t line = 1;  // of its beginning, from 1 at the beginning of the piece
    // Why it cannot be read, with the column's number; "" when it can. The next row begins on the next line.
    std::string fault;
};

struct CsvPiece {
    std::vector<CsvRow> rows;
    std::size_t taken = 0;  // bytes of the piece that the rows and what is between them take
    std::size_t lines = 0;  // that end in what is taken
};

// At most `most` whole rows from the beginning of `bytes`, empty lines left out. `is_last`: the file ends
// behind them, so the last row needs no line end. A row that is not whole yet is not taken. Text behind a
// closing quote, and a quote that is still open where the file ends, are a fault of that row alone.
CsvPiece readCsv(std::string_view bytes, char separator, std::size_t most, bool is_last);

// What separates the columns in the first line: the most frequent of , ; tab and | outside of quotes.
char separatorOf(std::string_view bytes);

// The line «sep=;» that Excel reads and writes above the columns: what it says, and the bytes that it takes.
struct SeparatorLine {
    char separator;
    std::size_t taken;
};
std::optional<SeparatorLine> separatorLineOf(std::string_view bytes);

// Where the line that begins at `from` has ended; the end of `bytes` when it does not end.
std::size_t lineEnd(std::string_view bytes, std::size_t from);

// As it is when it is UTF-8, else read as Windows-1252, which is what older spreadsheets write.
std::string asUtf8(std::string text);

}  // namespace signalbox::workflow
