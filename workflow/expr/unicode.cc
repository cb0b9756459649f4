#include "workflow/expr/unicode.h"

namespace signalbox::workflow::expr {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool between(char32_t c, char32_t first, char32_t last) {
    return c >= first && c <= last;
}

// Ranges where capital and small letters take turns, the capital at even (or odd) code points.
bool pairsFromEven(char32_t c) {
    return between(c, 0x100, 0x137) || between(c, 0x14A, 0x177) || between(c, 0x1E00, 0x1E95) ||
           between(c, 0x1EA0, 0x1EFF) || between(c, 0x460, 0x481) || between(c, 0x48A, 0x4BF) ||
           between(c, 0x4D0, 0x52F);
}
bool pairsFromOdd(char32_t c) {
    return between(c, 0x139, 0x148) || between(c, 0x179, 0x17E) || between(c, 0x4C1, 0x4CE);
}

char32_t lowerOf(char32_t c) {
    if (between(c, 'A', 'Z')) return c + 32;
    if (c < 0xC0) return c;
    if (between(c, 0xC0, 0xDE) && c != 0xD7) return c + 32;
    if (c == 0x130) return 'i';
    if (c == 0x178) return 0xFF;
    if (pairsFromEven(c)) return c | 1;
    if (pairsFromOdd(c)) return c + (c & 1);
    if (c == 0x386) return 0x3AC;
    if (between(c, 0x388, 0x38A)) return c + 37;
    if (c == 0x38C) return 0x3CC;
    if (between(c, 0x38E, 0x38F)) return c + 63;
    if (between(c, 0x391, 0x3AB) && c != 0x3A2) return c + 32;
    if (between(c, 0x400, 0x40F)) return c + 80;
    if (between(c, 0x410, 0x42F)) return c + 32;
    if (between(c, 0x531, 0x556)) return c + 48;
    return c;
}

char32_t upperOf(char32_t c) {
    if (between(c, 'a', 'z')) return c - 32;
    if (c < 0xC0) return c == 0xB5 ? 0x39C : c;
    if (between(c, 0xE0, 0xFE) && c != 0xF7) return c - 32;
    if (c == 0xFF) return 0x178;
    if (c == 0x131) return 'I';
    if (c == 0x17F) return 'S';
    if (pairsFromEven(c) && c != 0x130) return c & ~char32_t{1};
    if (pairsFromOdd(c)) return c - (c & 1 ? 0 : 1);
    if (c == 0x3AC) return 0x386;
    if (between(c, 0x3AD, 0x3AF)) return c - 37;
    if (c == 0x3C2) return 0x3A3;
    if (between(c, 0x3B1, 0x3CB)) return c - 32;
    if (c == 0x3CC) return 0x38C;
    if (between(c, 0x3CD, 0x3CE)) return c - 63;
    if (between(c, 0x430, 0x44F)) return c - 32;
    if (between(c, 0x450, 0x45F)) return c - 80;
    if (between(c, 0x561, 0x586)) return c - 48;
    return c;
}

std::string mapCharacters(std::string_view text, char32_t (*map)(char32_t)) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto [code, size] = firstCharacter(text);
        const char32_t mapped = map(code);
        if (mapped == code)
            out.append(text.substr(0, size));
        else
            appendUtf8(out, mapped);
        text.remove_prefix(size);
    }
    return out;
}

std::size_t lengthFromLead(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return 2;
    if (lead >= 0xE0 && lead <= 0xEF) return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

}  // namespace

Character firstCharacter(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t size = lengthFromLead(lead);
    if (size == 1) return {lead, 1};
    if (size == 0 || size > text.size()) return {kReplacement, 1};
    char32_t code = lead & (0xFF >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0) != 0x80) return {kReplacement, 1};
        code = code << 6 | (byte & 0x3F);
    }
    const bool too_long = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (too_long || code > 0x10FFFF || between(code, 0xD800, 0xDFFF)) return {kReplacement, 1};
    return {code, size};
}

std::size_t countCharacters(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) text.remove_prefix(firstCharacter(text).size);
    return count;
}

std::size_t offsetOfCharacter(std::string_view text, std::size_t index) {
    std::size_t offset = 0;
    for (; index > 0 && offset < text.size(); --index) offset += firstCharacter(text.substr(offset)).size;
    return offset;
}

std::string reverseCharacters(std::string_view text) {
    std::string out(text.size(), '\0');
    for (std::size_t end = text.size(); !text.empty();) {
        const std::size_t size = firstCharacter(text).size;
        end -= size;
        text.copy(out.data() + end, size);
        text.remove_prefix(size);
    }
    return out;
}

bool isUtf8(std::string_view text) {
    while (!text.empty()) {
        const auto [code, size] = firstCharacter(text);
        if (code == kReplacement && size == 1) return false;
        text.remove_prefix(size);
    }
    return true;
}

void appendUtf8(std::string& out, char32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
        return;
    }
    if (code < 0x800) {
        out += static_cast<char>(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    }
    out += static_cast<char>(0x80 | (code & 0x3F));
}

std::string toLower(std::string_view text) {
    return mapCharacters(text, &lowerOf);
}
std::string toUpper(std::string_view text) {
    return mapCharacters(text, &upperOf);
}

}  // namespace signalbox::workflow::expr
