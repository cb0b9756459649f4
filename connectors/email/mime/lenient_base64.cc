#include "connectors/email/mime/lenient_base64.h"

#include <array>
#include <cstdint>

#include "connectors/email/mime/ascii.h"

namespace signalbox::mime {
namespace {

constexpr std::uint8_t kNone = 255;

constexpr std::array<std::uint8_t, 256> makeValues() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNone);
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}
constexpr auto kValues = makeValues();

// Lines of base64 only: another block, no words.
bool isAnotherBlock(std::string_view rest) {
    std::size_t count = 0;
    for (const char c : rest) {
        if (c == '\r' || c == '\n') continue;
        if (c != '=' && kValues[static_cast<unsigned char>(c)] == kNone) return false;
        ++count;
    }
    return count > 0 && count % 4 == 0;
}

}  // namespace

std::string decodeLenientBase64(std::string_view text) {
    std::string out;
    out.reserve(text.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    int count = 0;
    bool is_padding_seen = false;
    const auto flush = [&] {
        if (count >= 2) out.push_back(static_cast<char>(bits >> (6 * count - 8) & 0xFF));
        if (count == 3) out.push_back(static_cast<char>(bits >> 2 & 0xFF));
        bits = 0;
        count = 0;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '=' && count >= 2) {
            flush();
            std::string_view rest = text.substr(i + 1);
            while (!rest.empty() && (rest.front() == '=' || isSpace(rest.front()))) rest.remove_prefix(1);
            if (!is_padding_seen && !isAnotherBlock(rest)) break;
            is_padding_seen = true;
            continue;
        }
        const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
        if (value == kNone) continue;
        bits = bits << 6 | value;
        if (++count < 4) continue;
        out.push_back(static_cast<char>(bits >> 16 & 0xFF));
        out.push_back(static_cast<char>(bits >> 8 & 0xFF));
        out.push_back(static_cast<char>(bits & 0xFF));
        bits = 0;
        count = 0;
    }
    flush();
    return out;
}

}  // namespace signalbox::mime
