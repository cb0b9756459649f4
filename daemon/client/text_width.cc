#include "daemon/client/text_width.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace signalbox::client {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

struct Range {
    char32_t first, last;
};

// Unicode 15: East Asian Wide and Fullwidth, and emoji that terminals show in two columns.
constexpr std::array<Range, 33> kWide = {
    {{0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},  {0x23E9, 0x23EC}, {0x25FD, 0x25FE},
     {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26A1, 0x26A1},  {0x26BD, 0x26BE}, {0x26C4, 0x26C5},
     {0x26D4, 0x26D4},   {0x26F2, 0x26F5},   {0x2705, 0x2705},  {0x270A, 0x270B}, {0x2728, 0x2728},
     {0x274C, 0x274C},   {0x2753, 0x2757},   {0x2795, 0x2797},  {0x2B1B, 0x2B1C}, {0x2B50, 0x2B55},
     {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},  {0x4E00, 0xA4CF}, {0xA960, 0xA97F},
     {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},  {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6},
     {0x1F300, 0x1F64F}, {0x1F680, 0x1FAFF}, {0x20000, 0x3FFFD}}};

constexpr std::array<Range, 16> kZeroWidth = {{{0x0300, 0x036F},
                                               {0x0483, 0x0489},
                                               {0x0591, 0x05BD},
                                               {0x064B, 0x065F},
                                               {0x0900, 0x0902},
                                               {0x093A, 0x093A},
                                               {0x0941, 0x0948},
                                               {0x094D, 0x094D},
                                               {0x0E34, 0x0E3A},
                                               {0x1AB0, 0x1AFF},
                                               {0x1DC0, 0x1DFF},
                                               {0x200B, 0x200D},
                                               {0x20D0, 0x20F0},
                                               {0xFE00, 0xFE0F},
                                               {0xFE20, 0xFE2F},
                                               {0xE0100, 0xE01EF}}};

template <std::size_t n>
bool isIn(const std::array<Range, n>& ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](Range range) { return c >= range.first && c <= range.last; });
}

bool isCommand(char32_t c) {
    const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
    const bool turns_direction = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    return is_control || turns_direction;
}

std::size_t widthOf(char32_t c) {
    if (isIn(kZeroWidth, c)) return 0;
    return isIn(kWide, c) ? 2 : 1;
}

// Takes the next character off `text`; U+FFFD for bytes that are no UTF-8.
char32_t take(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    const auto fail = [&] {
        text.remove_prefix(1);
        return kReplacement;
    };
    if (length == 0 || length > text.size()) return fail();
    char32_t c = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0) != 0x80) return fail();
        c = (c << 6) | (next & 0x3Fu);
    }
    const bool is_overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
    if (is_overlong || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF) return fail();
    text.remove_prefix(length);
    return c;
}

}  // namespace

std::size_t displayWidth(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) width += widthOf(take(text));
    return width;
}

std::string fitTo(std::string_view text, std::size_t columns) {
    if (displayWidth(text) <= columns) return std::string(text);
    if (columns == 0) return "";
    std::string_view rest = text;
    std::size_t width = 0, kept = 0;
    while (!rest.empty()) {
        width += widthOf(take(rest));
        if (width > columns - 1) break;
        kept = text.size() - rest.size();
    }
    return std::string(text.substr(0, kept)) + "…";
}

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::string_view before = text;
        const char32_t c = take(text);
        if (c == '\n' || c == '\t' || c == '\r' || c == 0x2028 || c == 0x2029) {
            out += ' ';
        } else if (c == kReplacement || isCommand(c)) {
            out += "\xEF\xBF\xBD";
        } else {
            out += before.substr(0, before.size() - text.size());
        }
    }
    return out;
}

}  // namespace signalbox::client
