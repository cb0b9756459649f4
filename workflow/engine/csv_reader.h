// Rows of a CSV file (RFC 4180 and what spreadsheets write) out of pieces of its bytes. Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signalbox::workflow {

using CsvRow = std::vector<std::string>;

struct CsvPiece {
    std::vector<CsvRow> rows;
    std::size_t taken = 0;  // bytes of the piece that the rows and what is between them take
};

// At most `most` whole rows from the beginning of `bytes`, empty lines left out. `is_last`: the file ends
// behind them, so the last row needs no line end. A row that is not whole yet is not taken. Invalid: text
// behind a closing quote, or a quote that is still open where the file ends.
Result<CsvPiece> readCsv(std::string_view bytes, char separator, std::size_t most, bool is_last);

// What separates the columns in the first line: the most frequent of , ; tab and | outside of quotes.
char separatorOf(std::string_view bytes);

// As it is when it is UTF-8, else read as Windows-1252, which is what older spreadsheets write.
std::string asUtf8(std::string text);

}  // namespace signalbox::workflow
