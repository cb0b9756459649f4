#include "workflow/engine/csv_reader.h"

#include <algorithm>
#include <array>

#include "workflow/expr/unicode.h"

namespace signalbox::workflow {
namespace {

// 0x80 to 0x9F; 0 where Windows-1252 has nothing.
constexpr std::array<unsigned, 32> kWindows = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

void appendUtf8(std::string& out, unsigned point) {
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xC0 | point >> 6);
        out += static_cast<char>(0x80 | (point & 0x3F));
    } else {
        out += static_cast<char>(0xE0 | point >> 12);
        out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (point & 0x3F));
    }
}

class Reader {
public:
    Reader(std::string_view bytes, char separator, bool is_last)
        : bytes_(bytes), separator_(separator), is_last_(is_last) {}

    CsvPiece run(std::size_t most) {
        CsvPiece out;
        while (out.rows.size() < most && at_ < bytes_.size()) {
            const std::size_t begin = at_;
            CsvRow row;
            row.line = out.lines + 1;
            if (!readRow(row)) break;
            if (!row.fault.empty()) at_ = lineEnd(bytes_, std::max(begin, resume_));
            out.lines += linesIn(bytes_.substr(begin, at_ - begin));
            out.taken = at_;
            if (!row.fault.empty() || row.cells.size() > 1 || !row.cells.front().empty())
                out.rows.push_back(std::move(row));
        }
        return out;
    }

private:
    // False: it goes on behind these bytes.
    bool readRow(CsvRow& row) {
        resume_ = at_;
        for (;;) {
            std::string cell;
            if (at_ < bytes_.size() && bytes_[at_] == '"') {
                const std::size_t begin = at_;
                if (!readQuoted(cell)) {
                    if (!is_last_) return false;
                    fault(row, "a quote is never closed: ", bytes_.substr(begin + 1, 40));
                    return true;
                }
            } else {
                const auto end = bytes_.find_first_of(ends(), at_);
                cell = bytes_.substr(at_, end == std::string_view::npos ? end : end - at_);
                at_ = end == std::string_view::npos ? bytes_.size() : end;
            }
            row.cells.push_back(asUtf8(std::move(cell)));
            if (at_ >= bytes_.size()) return is_last_;
            const char c = bytes_[at_++];
            if (c == separator_) {
                if (at_ < bytes_.size() || !is_last_) continue;
                row.cells.emplace_back();
                return true;
            }
            if (c == '\n') return true;
            if (c != '\r') {
                resume_ = at_ - 1;
                if (lineEnd(bytes_, resume_) == bytes_.size() && !is_last_) return false;
                const std::string quoted = std::move(row.cells.back());
                row.cells.pop_back();
                fault(row, "text behind a closing quote: ", quoted.substr(0, 40));
                return true;
            }
            if (at_ >= bytes_.size()) return is_last_;  // \n may follow
            if (bytes_[at_] == '\n') ++at_;
            return true;
        }
    }

    // False: it is not closed in these bytes.
    bool readQuoted(std::string& cell) {
        ++at_;
        for (;;) {
            const auto quote = bytes_.find('"', at_);
            if (quote == std::string_view::npos) return false;
            cell.append(bytes_, at_, quote - at_);
            at_ = quote + 1;
            if (at_ >= bytes_.size()) return is_last_;
            if (bytes_[at_] != '"') return true;
            cell += '"';
            ++at_;
        }
    }

    static void fault(CsvRow& row, const char* what, std::string_view near) {
        row.fault =
            "column " + std::to_string(row.cells.size() + 1) + ": " + what + asUtf8(std::string(near));
        row.cells.clear();
    }

    static std::size_t linesIn(std::string_view bytes) {
        std::size_t lines = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const bool is_old = bytes[i] == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n');
            lines += bytes[i] == '\n' || is_old ? 1 : 0;
        }
        return lines;
    }

    std::string ends() const { return {separator_, '\n', '\r'}; }

    const std::string_view bytes_;
    const char separator_;
    const bool is_last_;
    std::size_t at_ = 0;
    std::size_t resume_ = 0;  // the next row begins on the line behind this, when this one cannot be read
};

}  // namespace

CsvPiece readCsv(std::string_view bytes, char separator, std::size_t most, bool is_last) {
    return Reader(bytes, separator, is_last).run(most);
}

char separatorOf(std::string_view bytes) {
    constexpr std::string_view kSeparators = ",;\t|";
    std::array<std::size_t, kSeparators.size()> counts{};
    bool is_quoted = false;
    for (const char c : bytes) {
        if (c == '"') is_quoted = !is_quoted;
        if (is_quoted) continue;
        if (c == '\n' || c == '\r') break;
        if (const auto at = kSeparators.find(c); at != std::string_view::npos) ++counts[at];
    }
    std::size_t best = 0;
    for (std::size_t i = 1; i < counts.size(); ++i)
        if (counts[i] > counts[best]) best = i;
    return kSeparators[best];
}

std::optional<SeparatorLine> separatorLineOf(std::string_view bytes) {
    const bool is_quoted = bytes.starts_with('"');
    std::string_view line = bytes.substr(is_quoted ? 1 : 0);
    if (!line.starts_with("sep=") || line.size() < 5) return std::nullopt;
    const char separator = line[4];
    line.remove_prefix(5);
    if (is_quoted && !line.starts_with('"')) return std::nullopt;
    if (is_quoted) line.remove_prefix(1);
    if (separator == '\r' || separator == '\n' || separator == '"') return std::nullopt;
    if (!line.empty() && line[0] != '\r' && line[0] != '\n') return std::nullopt;
    return SeparatorLine{separator, lineEnd(bytes, bytes.size() - line.size())};
}

std::size_t lineEnd(std::string_view bytes, std::size_t from) {
    const auto end = bytes.find_first_of("\r\n", from);
    if (end == std::string_view::npos) return bytes.size();
    return end + (bytes.substr(end, 2) == "\r\n" ? 2 : 1);
}

std::string asUtf8(std::string text) {
    if (expr::isUtf8(text)) return text;
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const unsigned point = byte >= 0x80 && byte < 0xA0 ? kWindows[byte - 0x80] : byte;
        appendUtf8(out, point == 0 ? 0xFFFD : point);
    }
    return out;
}

}  // namespace signalbox::workflow
