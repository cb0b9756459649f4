#include "workflow/engine/csv_reader.h"

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

    Result<CsvPiece> run(std::size_t most) {
        CsvPiece out;
        while (out.rows.size() < most && at_ < bytes_.size()) {
            CsvRow row;
            const auto whole = readRow(row);
            if (!whole) return whole.error();
            if (!*whole) break;
            out.taken = at_;
            if (row.size() > 1 || !row.front().empty()) out.rows.push_back(std::move(row));
        }
        return out;
    }

private:
    // False: it goes on behind these bytes.
    Result<bool> readRow(CsvRow& row) {
        for (;;) {
            std::string cell;
            if (at_ < bytes_.size() && bytes_[at_] == '"') {
                if (const auto whole = readQuoted(cell); !whole || !*whole) return whole;
            } else {
                const auto end = bytes_.find_first_of(ends(), at_);
                cell = bytes_.substr(at_, end == std::string_view::npos ? end : end - at_);
                at_ = end == std::string_view::npos ? bytes_.size() : end;
            }
            row.push_back(asUtf8(std::move(cell)));
            if (at_ >= bytes_.size()) return is_last_;
            const char c = bytes_[at_++];
            if (c == separator_) {
                if (at_ < bytes_.size() || !is_last_) continue;
                row.emplace_back();
                return true;
            }
            if (c == '\n') return true;
            if (c != '\r')
                return Error{ErrorKind::Invalid,
                             "csv: text behind a closing quote: " + asUtf8(row.back().substr(0, 40))};
            if (at_ >= bytes_.size()) return is_last_;  // \n may follow
            if (bytes_[at_] == '\n') ++at_;
            return true;
        }
    }

    Result<bool> readQuoted(std::string& cell) {
        ++at_;
        for (;;) {
            const auto quote = bytes_.find('"', at_);
            if (quote == std::string_view::npos) {
                if (!is_last_) return false;
                return Error{ErrorKind::Invalid,
                             "csv: a quote is never closed: " + asUtf8(std::string(bytes_.substr(at_, 40)))};
            }
            cell.append(bytes_, at_, quote - at_);
            at_ = quote + 1;
            if (at_ >= bytes_.size()) return is_last_;
            if (bytes_[at_] != '"') return true;
            cell += '"';
            ++at_;
        }
    }

    std::string ends() const { return {separator_, '\n', '\r'}; }

    const std::string_view bytes_;
    const char separator_;
    const bool is_last_;
    std::size_t at_ = 0;
};

}  // namespace

Result<CsvPiece> readCsv(std::string_view bytes, char separator, std::size_t most, bool is_last) {
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
