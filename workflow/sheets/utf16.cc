#include "workflow/sheets/utf16.h"

#include <algorithm>

namespace signalbox::workflow {
namespace {

constexpr std::uint64_t kPiece = 64 * 1024;
constexpr unsigned kNoCharacter = 0xFFFD;

// Halves of pairs come one after the other, perhaps in two pieces.
class Decoder {
public:
    void take(unsigned unit, std::string& out) {
        const bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
        if (high_ != 0 && is_low) {
            appendUtf8(out, 0x10000 + ((high_ - 0xD800) << 10U) + (unit - 0xDC00));
            high_ = 0;
            return;
        }
        end(out);
        if (unit >= 0xD800 && unit <= 0xDBFF) {
            high_ = unit;
        } else {
            appendUtf8(out, is_low ? kNoCharacter : unit);
        }
    }
    void end(std::string& out) {
        if (high_ != 0) appendUtf8(out, kNoCharacter);
        high_ = 0;
    }

private:
    unsigned high_ = 0;  // the first half of a pair
};

}  // namespace

bool isUtf16(std::string_view head) {
    return head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF");
}

void appendUtf8(std::string& out, unsigned point) {
    if (point < 0x80) {
        out += static_cast<char>(point);
        return;
    }
    const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    constexpr unsigned kFirst[] = {0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(kFirst[more] | point >> (6 * more));
    for (int shift = 6 * (more - 1); shift >= 0; shift -= 6)
        out += static_cast<char>(0x80 | (point >> shift & 0x3F));
}

Result<std::unique_ptr<TempFile>> csvOfUtf16(const TempFile& text, const std::string& folder) {
    auto out = TempFile::create(folder);
    if (!out) return out.error();
    Decoder decoder;
    bool is_little = true;
    std::string utf8;
    for (std::uint64_t at = 0; at < text.size(); at += kPiece) {
        const auto bytes = text.piece(at, std::min(kPiece, text.size() - at));
        if (!bytes) return bytes.error();
        if (at == 0) is_little = bytes->starts_with("\xFF\xFE");
        utf8.clear();
        for (std::size_t i = at == 0 ? 2 : 0; i + 1 < bytes->size(); i += 2) {
            const unsigned first = static_cast<unsigned char>((*bytes)[i]);
            const unsigned second = static_cast<unsigned char>((*bytes)[i + 1]);
            decoder.take(is_little ? first | second << 8U : first << 8U | second, utf8);
        }
        if (bytes->size() % 2 != 0) decoder.take(kNoCharacter, utf8);  // the last piece only
        if (at + kPiece >= text.size()) decoder.end(utf8);
        if (auto kept = (*out)->append(utf8); !kept) return kept.error();
    }
    if (auto flushed = (*out)->flush(); !flushed) return flushed.error();
    return out;
}

}  // namespace signalbox::workflow
