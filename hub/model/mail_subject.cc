#include "hub/model/mail_subject.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace signalbox {
namespace {

constexpr std::size_t kMaxSubject = 2000;

// In lower case; what other letters do is left to exact comparison.
constexpr auto kResponse = std::to_array<std::string_view>(
    {"re",    "aw",    "antw",    "antwort", "sv",   "vs",   "odp",  "ref",  "res",  "rif",  "r",
     "bls",   "atb",   "ynt",     "ant",     "rép",  "rep",  "réf",  "résp", "vá",   "va",   "отв",
     "ответ", "на",    "απ",      "σχετ",    "回复", "回覆", "答复", "答覆", "返信", "회신", "re-",
     "cevap", "yanıt", "trả lời", "hồi âm",  "sva",  "svar", "רה",   "رد",   "ats",  "回",   "回信"});
constexpr auto kForward = std::to_array<std::string_view>(
    {"fw",   "fwd", "wg",     "tr",     "rv",   "enc",  "i",          "vb",
     "vl",   "pd",  "doorst", "fs",     "转发", "轉寄", "转寄",       "転送",
     "전달", "пер", "πρθ",    "iletim", "i̇lt",  "ilt",  "továbbítás", "إعادة توجيه"});

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(c < 128 ? std::tolower(c) : c); });
    return out;
}

std::string joinSpaces(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, kMaxSubject)) {
        const bool is_space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (!is_space) out.push_back(c);
        if (is_space && !out.empty() && out.back() != ' ') out.push_back(' ');
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

void trimFront(std::string& text) {
    text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
}
void trimBack(std::string& text) {
    while (!text.empty() && text.back() == ' ') text.pop_back();
}

// The length of «[…]» and the spaces behind it, or 0.
std::size_t blobLength(std::string_view text) {
    if (!text.starts_with('[')) return 0;
    const auto end = text.find(']');
    if (end == std::string_view::npos || text.substr(1, end - 1).find('[') != std::string_view::npos)
        return 0;
    const auto next = text.find_first_not_of(' ', end + 1);
    return next == std::string_view::npos ? text.size() : next;
}

// A word of the lists, then perhaps «[2]», «(3)», «^4» or a blob, then a colon (also the wide one).
std::size_t prefixLength(std::string_view text, std::string_view word) {
    if (!text.starts_with(word)) return 0;
    std::size_t at = word.size();
    while (at < text.size() && text[at] == ' ') ++at;
    if (at < text.size() &&
        (text[at] == '(' || text[at] == '^' || std::isdigit(static_cast<unsigned char>(text[at])))) {
        while (at < text.size() && (std::isdigit(static_cast<unsigned char>(text[at])) || text[at] == '(' ||
                                    text[at] == ')' || text[at] == '^'))
            ++at;
    }
    if (at < text.size() && text[at] == '[') at += blobLength(text.substr(at));
    while (at < text.size() && text[at] == ' ') ++at;
    if (text.substr(at).starts_with(':')) return at + 1;
    if (text.substr(at).starts_with("：")) return at + std::string_view("：").size();
    return 0;
}

template <class Words>
std::size_t anyPrefix(std::string_view text, const Words& words) {
    for (const std::string_view word : words) {
        if (const auto length = prefixLength(text, word)) return length;
    }
    return 0;
}

bool stripTrailer(std::string& text, MailSubject& subject) {
    const std::string low = lower(text);
    if (!low.ends_with("(fwd)")) return false;
    text.resize(text.size() - 5);
    trimBack(text);
    subject.is_forward = true;
    return true;
}

bool stripPrefix(std::string& text, MailSubject& subject) {
    const std::string low = lower(text);
    if (const auto length = anyPrefix(low, kResponse)) {
        // «Fwd: Re: x» forwards; only the outermost word says what this mail is.
        subject.is_response = subject.is_response || !subject.is_forward;
        text.erase(0, length);
    } else if (const auto forward = anyPrefix(low, kForward)) {
        subject.is_forward = subject.is_forward || !subject.is_response;
        text.erase(0, forward);
    } else {
        return false;
    }
    trimFront(text);
    return true;
}

// [list] in front, unless nothing would be left.
bool stripBlob(std::string& text) {
    const auto length = blobLength(text);
    if (length == 0 || length >= text.size()) return false;
    text.erase(0, length);
    return true;
}

bool stripWrapper(std::string& text, MailSubject& subject) {
    const std::string low = lower(text);
    for (const std::string_view head : {"[fwd:", "[fw:"}) {
        if (!low.starts_with(head) || !low.ends_with(']')) continue;
        text = text.substr(head.size(), text.size() - head.size() - 1);
        trimFront(text);
        trimBack(text);
        subject.is_forward = true;
        return true;
    }
    return false;
}

}  // namespace

MailSubject parseSubject(std::string_view raw) {
    MailSubject subject;
    std::string text = joinSpaces(raw);
    trimFront(text);
    // Each turn makes the text shorter.
    while (stripTrailer(text, subject) || stripPrefix(text, subject) || stripWrapper(text, subject) ||
           stripBlob(text)) {
    }
    subject.base = std::move(text);
    return subject;
}

std::string foldedBase(std::string_view subject) {
    return lower(parseSubject(subject).base);
}

std::int64_t ticketIn(std::string_view subject) {
    constexpr std::size_t kMostDigits = 15;
    for (auto hash = subject.find('#'); hash != std::string_view::npos; hash = subject.find('#', hash + 1)) {
        std::size_t end = hash + 1;
        std::int64_t number = 0;
        while (end < subject.size() && subject[end] >= '0' && subject[end] <= '9' &&
               end - hash <= kMostDigits) {
            number = number * 10 + (subject[end] - '0');
            ++end;
        }
        if (number == 0) continue;
        std::string before;
        for (const char c : subject.substr(0, hash)) {
            if (c != ' ') before.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
        }
        const bool is_framed = before.ends_with('[') && end < subject.size() && subject[end] == ']';
        if (is_framed || before.ends_with("ticket")) return number;
    }
    return 0;
}

}  // namespace signalbox
