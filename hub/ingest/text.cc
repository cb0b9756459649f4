#include "hub/ingest/text.h"

#include "base/utf8.h"

namespace signalbox {
namespace {

bool isShown(char c) {
    return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7F : c == '\t' || c == '\n';
}

}  // namespace

std::string cleanText(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8SequenceLength(text);
        if (length == 1 && text[0] == '\r') {
            if (text.size() < 2 || text[1] != '\n') out += '\n';
        } else if (length == 0 || (length == 1 && !isShown(text[0]))) {
            out += kUtf8Replacement;
        } else {
            out.append(text.substr(0, length));
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

}  // namespace signalbox
