// ASCII letters whatever the locale, for names of headers, types and tags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::mime {

inline char lowerChar(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
inline std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = lowerChar(c);
    return out;
}
inline bool isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}
inline bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
inline bool isLetter(char c) {
    return lowerChar(c) >= 'a' && lowerChar(c) <= 'z';
}
inline std::string_view trimmed(std::string_view text) {
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}
inline bool equalsIgnoringCase(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lowerChar(a[i]) != lowerChar(b[i])) return false;
    }
    return true;
}
inline bool startsIgnoringCase(std::string_view text, std::string_view head) {
    return text.size() >= head.size() && equalsIgnoringCase(text.substr(0, head.size()), head);
}
inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}
// Spaces and line ends become one space each run; none at the ends.
inline std::string joinedSpaces(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (!isSpace(c)) out.push_back(c);
        if (isSpace(c) && !out.empty() && out.back() != ' ') out.push_back(' ');
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}
// Lines without their ends; an end at the very end opens no further line.
inline std::vector<std::string_view> linesOf(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        lines.push_back(line);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return lines;
}

}  // namespace signalbox::mime
