#include "hub/mail/subject_line.h"

#include <array>

namespace signalbox {
namespace {

// What mail programs put in front; those that mean an answer first.
constexpr std::array kReplies = {"re",  "aw",  "antw", "antwort", "sv",  "vs", "回复", "回覆", "答复", "rif",
                                 "ref", "odp", "ynt",  "res",     "bls", "ha", "ri",   "vá",   "回信", "r"};
constexpr std::array kForwards = {"fw",  "fwd", "wg",   "tr",   "rv",     "vl", "vb",
                                  "enc", "pd",  "轉寄", "转发", "doorst", "i"};

std::string folded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (is_blank && (out.empty() || out.back() == ' ')) continue;
        out += is_blank ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

// Length of «re:», «re[2]:», «re (2):», «fwd :» at the front; 0: none. A wide colon counts too.
std::size_t markLength(std::string_view text, std::string_view word) {
    if (!text.starts_with(word)) return 0;
    std::size_t at = word.size();
    while (at < text.size() && text[at] == ' ') ++at;
    if (at < text.size() && (text[at] == '[' || text[at] == '(')) {
        const char close = text[at] == '[' ? ']' : ')';
        const auto end = text.find(close, at);
        if (end == std::string_view::npos || end - at > 4) return 0;
        at = end + 1;
        while (at < text.size() && text[at] == ' ') ++at;
    }
    constexpr std::string_view kWideColon = "：";
    if (text.substr(at).starts_with(':')) return at + 1;
    return text.substr(at).starts_with(kWideColon) ? at + kWideColon.size() : 0;
}

}  // namespace

SubjectLine readSubject(std::string_view subject) {
    const std::string text = folded(subject);
    std::string_view rest = text;
    SubjectLine line;
    for (bool is_changed = true; is_changed && !rest.empty();) {
        is_changed = false;
        while (rest.starts_with(' ')) rest.remove_prefix(1);
        for (const char* word : kReplies) {
            const std::size_t length = markLength(rest, word);
            if (length == 0) continue;
            line.is_response = is_changed = true;
            rest.remove_prefix(length);
            break;
        }
        for (const char* word : kForwards) {
            const std::size_t length = markLength(rest, word);
            if (length == 0) continue;
            is_changed = true;
            rest.remove_prefix(length);
            break;
        }
        // «[list] subject»: only when something is left behind it.
        const auto end = rest.starts_with('[') ? rest.find(']') : std::string_view::npos;
        if (end != std::string_view::npos && end + 1 < rest.size() && !rest.starts_with("[fwd:")) {
            rest.remove_prefix(end + 1);
            is_changed = true;
        }
        if (rest.ends_with("(fwd)")) {
            rest.remove_suffix(5);
            is_changed = true;
        }
        if (rest.starts_with("[fwd:") && rest.ends_with(']')) {
            rest = rest.substr(5, rest.size() - 6);
            is_changed = true;
        }
        while (rest.ends_with(' ')) rest.remove_suffix(1);
    }
    line.base = std::string(rest);
    return line;
}

}  // namespace signalbox
