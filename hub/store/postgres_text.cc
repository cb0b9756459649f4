#include "hub/store/postgres_text.h"

#include <cstdint>
#include <cstring>

namespace signalbox::store {
namespace {

// Eight bytes at once: true when each is ASCII and none is NUL.
bool isPlain(const char* bytes) {
    constexpr std::uint64_t kHigh = 0x8080808080808080, kOnes = 0x0101010101010101;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return ((word | (word - kOnes)) & kHigh) == 0;
}

struct Range {
    std::size_t length = 0;                 // of the whole character; 0: cannot start one
    unsigned char low = 0x80, high = 0xbf;  // of its second byte
};

// The well-formed sequences (Unicode 15, table 3-7): no overlong forms, no surrogates, at most U+10FFFF.
Range rangeOf(unsigned char first) {
    if (first >= 0x01 && first <= 0x7f) return {1};
    if (first >= 0xc2 && first <= 0xdf) return {2};
    if (first == 0xe0) return {3, 0xa0, 0xbf};
    if (first == 0xed) return {3, 0x80, 0x9f};
    if (first >= 0xe1 && first <= 0xef) return {3};
    if (first == 0xf0) return {4, 0x90, 0xbf};
    if (first >= 0xf1 && first <= 0xf3) return {4};
    if (first == 0xf4) return {4, 0x80, 0x8f};
    return {};
}

// The length of the character at `at`; 0 when its first byte must be replaced.
std::size_t characterLength(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const Range range = rangeOf(byte(0));
    if (range.length == 0 || text.size() - at < range.length) return 0;
    if (range.length > 1 && (byte(1) < range.low || byte(1) > range.high)) return 0;
    for (std::size_t i = 2; i < range.length; ++i)
        if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
    return range.length;
}

}  // namespace

bool isStorableText(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (text.size() - at >= 8 && isPlain(text.data() + at)) {
            at += 8;
            continue;
        }
        const auto length = characterLength(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

std::string storableText(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 16);
    for (std::size_t at = 0; at < text.size();) {
        const auto length = characterLength(text, at);
        out.append(length == 0 ? "\xef\xbf\xbd" : text.substr(at, length));
        at += length == 0 ? 1 : length;
    }
    return out;
}

}  // namespace signalbox::store
