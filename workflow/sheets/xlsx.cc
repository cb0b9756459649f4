#include "workflow/sheets/xlsx.h"

#include <charconv>

#include "workflow/sheets/utf16.h"
#include "workflow/sheets/workbook.h"
#include "workflow/sheets/xml_parts.h"

namespace signalbox::workflow {
namespace {

constexpr std::uint64_t kMaxSheet = 8ULL * 1024 * 1024 * 1024;  // unpacked
constexpr std::uint64_t kMaxCsv = 4ULL * 1024 * 1024 * 1024;
constexpr std::size_t kMaxRows = 1'048'576, kMaxColumns = 16'384;  // Excel's own
constexpr std::size_t kMaxRowBytes = 3 * 1024 * 1024;              // the reader of rows takes 4 MiB

// «BC17» → 54 (from 0); the largest number when it is none.
std::size_t columnOf(std::string_view reference) {
    std::size_t out = 0;
    for (const char c : reference) {
        if (c < 'A' || c > 'Z' || out > kMaxColumns) break;
        out = out * 26 + static_cast<std::size_t>(c - 'A') + 1;
    }
    return out - 1;
}

std::string lettersOf(std::size_t column) {
    std::string out;
    for (++column; column > 0; column = (column - 1) / 26)
        out.insert(out.begin(), static_cast<char>('A' + (column - 1) % 26));
    return out;
}

template <typename Number>
bool readNumber(std::string_view text, Number& out) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
    return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

// Excel writes characters that XML has no place for as _x000D_, and _x005F_ for an underscore that would else
// look like one of those (ECMA-376, ST_Xstring). What is no character stays as it is.
std::string decoded(const std::string& text) {
    if (text.find("_x") == std::string::npos) return text;
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        unsigned code = 0;
        const char* digits = text.data() + at + 2;
        const bool is_escape = text.compare(at, 2, "_x") == 0 && at + 7 <= text.size() &&
                               text[at + 6] == '_' &&
                               std::from_chars(digits, digits + 4, code, 16).ptr == digits + 4;
        const bool is_character = is_escape &&
                                  (code >= 0x20 || code == '\t' || code == '\n' || code == '\r') &&
                                  (code < 0xD800 || code > 0xDFFF);
        if (!is_character) {
            out += text[at++];
            continue;
        }
        appendUtf8(out, code);
        at += 7;
    }
    return out;
}

void appendCsv(std::string& line, const std::string& cell) {
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
        line += cell;
        return;
    }
    line += '"';
    for (const char c : cell) line += c == '"' ? "\"\"" : std::string(1, c);
    line += '"';
}

class Sheet : public XmlSink {
public:
    Sheet(const Workbook& book, const SharedStrings& strings, TempFile& csv)
        : book_(book), strings_(strings), csv_(csv) {}

    Status begin(std::string_view name, const XmlAttributes& attributes) override {
        if (name == "row") return beginRow(attributes.at("r"));
        if (name == "c") return beginCell(attributes);
        if (name == "rPh") is_reading_aid_ = true;
        if (name == "v" || (name == "t" && !is_reading_aid_)) is_value_ = is_in_cell_;
        return Done{};
    }
    Status end(std::string_view name) override {
        if (name == "v" || name == "t") is_value_ = false;
        if (name == "rPh") is_reading_aid_ = false;
        if (name == "c") return endCell();
        if (name == "row") return endRow();
        return Done{};
    }
    Status text(std::string_view piece) override {
        if (!is_value_) return Done{};
        row_bytes_ += piece.size();
        if (row_bytes_ > kMaxRowBytes) return fault("the row is longer than 3 MiB");
        value_ += piece;
        return Done{};
    }

private:
    Status beginRow(std::string_view number) {
        std::size_t said = row_ + 1;
        if (!number.empty() && !readNumber(number, said)) return fault("its number cannot be read");
        if (said > kMaxRows) return fault("a sheet has at most 1,048,576 rows");
        row_ = said;
        column_ = 0;
        next_column_ = 0;
        row_bytes_ = 0;
        cells_.clear();
        return Done{};
    }
    Status beginCell(const XmlAttributes& attributes) {
        const auto reference = attributes.at("r");
        column_ = reference.empty() ? next_column_ : columnOf(reference);
        if (column_ >= kMaxColumns) return fault("a sheet has at most 16,384 columns");
        next_column_ = column_ + 1;
        type_ = attributes.at("t");
        style_ = 0;
        readNumber(attributes.at("s"), style_);
        value_.clear();
        is_in_cell_ = true;
        return Done{};
    }
    Status endCell() {
        is_in_cell_ = false;
        auto text = cellText();
        if (!text) return text.error();
        if (text->empty()) return Done{};
        row_bytes_ += text->size();
        if (row_bytes_ > kMaxRowBytes) return fault("the row is longer than 3 MiB");
        if (cells_.size() <= column_) cells_.resize(column_ + 1);
        cells_[column_] = std::move(*text);
        return Done{};
    }
    Status endRow() {
        if (cells_.empty()) return Done{};
        line_.clear();
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            if (i > 0) line_ += ',';
            appendCsv(line_, cells_[i]);
        }
        line_ += "\r\n";
        if (csv_.size() + line_.size() > kMaxCsv) return fault("the sheet is larger than 4 GiB");
        return csv_.append(line_);
    }

    Result<std::string> cellText() const {
        if (type_ == "s") {
            std::uint64_t index = 0;
            if (!readNumber(value_, index))
                return value_.empty() ? Result<std::string>(value_) : fault("names no text");
            const auto text = strings_.at(index);
            return text ? Result<std::string>(decoded(*text)) : fault(text.error().message);
        }
        if (type_ == "b") return std::string(value_ == "1" || value_ == "true" ? "TRUE" : "FALSE");
        if (type_ == "str" || type_ == "inlineStr") return decoded(value_);
        if (!type_.empty() && type_ != "n") return value_;  // e, d
        if (value_.empty()) return value_;
        double number = 0;
        if (!readNumber(value_, number)) return fault("is no number: " + value_.substr(0, 40));
        const NumberKind kind = style_ < book_.styles.size() ? book_.styles[style_] : NumberKind::Number;
        if (kind == NumberKind::Date) return dateText(number, book_.is_1904);
        return kind == NumberKind::Elapsed ? elapsedText(number) : numberText(number);
    }
    Error fault(const std::string& what) const {
        return {ErrorKind::Invalid,
                "row " + std::to_string(row_) + ", column " + lettersOf(column_) + ": " + what,
                {},
                "bad_spreadsheet"};
    }

    const Workbook& book_;
    const SharedStrings& strings_;
    TempFile& csv_;
    std::size_t row_ = 0, column_ = 0, next_column_ = 0, style_ = 0, row_bytes_ = 0;
    std::string type_, value_, line_;
    std::vector<std::string> cells_;  // of this row, up to the last that holds something
    bool is_in_cell_ = false, is_value_ = false, is_reading_aid_ = false;
};

}  // namespace

Result<std::unique_ptr<TempFile>> csvOfXlsx(const TempFile& workbook, const std::string& sheet,
                                            const std::string& folder) {
    auto archive = ZipArchive::open(workbook);
    if (!archive) return archive.error();
    const auto book = readWorkbook(**archive, sheet);
    if (!book) return book.error();
    const auto strings = SharedStrings::read(**archive, folder);
    if (!strings) return strings.error();
    auto csv = TempFile::create(folder);
    if (!csv) return csv.error();
    Sheet rows(*book, *strings, **csv);
    if (auto read = readXml(**archive, book->sheet_member, kMaxSheet, rows); !read) return read.error();
    if (auto flushed = (*csv)->flush(); !flushed) return flushed.error();
    return csv;
}

}  // namespace signalbox::workflow
