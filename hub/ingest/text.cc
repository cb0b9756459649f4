#include "hub/ingest/text.h"

#include <cstdint>

namespace signalbox {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool isContinuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Length of the well-formed UTF-8 sequence at the front (RFC 3629), 0 when there is none.
std::size_t sequenceLength(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if (!isContinuation(text[i])) return 0;
    }
    const auto second = static_cast<unsigned char>(text[1]);
    const bool is_overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool is_surrogate = lead == 0xED && second >= 0xA0;
    const bool is_beyond = lead == 0xF4 && second >= 0x90;
    return is_overlong || is_surrogate || is_beyond ? 0 : length;
}

bool isShown(char c) {
    return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7F : c == '\t' || c == '\n';
}

}  // namespace

std::string cleanText(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = sequenceLength(text);
        if (length == 1 && text[0] == '\r') {
            if (text.size() < 2 || text[1] != '\n') out += '\n';
        } else if (length == 0 || (length == 1 && !isShown(text[0]))) {
            out += kReplacement;
        } else {
            out.append(text.substr(0, length));
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

}  // namespace signalbox
