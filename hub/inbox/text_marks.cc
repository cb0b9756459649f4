#include "hub/inbox/text_marks.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::size_t kMost = 50, kLongest = 64;

bool isWordByte(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           c == '_' || c == '-';
}
bool isMentionByte(char c) {
    return isWordByte(c) || c == '.' || c == '@' || c == '+';
}
bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

void note(std::vector<std::string>& marks, std::string_view word) {
    while (!word.empty() && (word.back() == '.' || word.back() == '@' || word.back() == '-'))
        word.remove_suffix(1);
    if (word.empty() || word.size() > kLongest || marks.size() == kMost) return;
    std::string lower(word);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    if (std::find(marks.begin(), marks.end(), lower) == marks.end()) marks.push_back(std::move(lower));
}

}  // namespace

TextMarks textMarks(std::string_view text) {
    TextMarks found;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_mark = text[i] == '@' || text[i] == '#';
        if (!is_mark || (i > 0 && (isMentionByte(text[i - 1]) || text[i - 1] == '#' || text[i - 1] == '/' ||
                                   text[i - 1] == '&')))
            continue;
        const auto isPart = text[i] == '@' ? isMentionByte : isWordByte;
        std::size_t end = i + 1;
        while (end < text.size() && isPart(text[end])) ++end;
        const std::string_view word = text.substr(i + 1, end - i - 1);
        if (text[i] == '@')
            note(found.mentions, word);
        else if (!std::all_of(word.begin(), word.end(), isDigit))
            note(found.hashtags, word);
        i = end - 1;
    }
    return found;
}

}  // namespace signalbox
