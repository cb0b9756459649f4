#include "connectors/email/mime/reply_text.h"

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/charset.h"
#include "connectors/email/mime/html_text.h"

namespace signalbox::mime {
namespace {

bool hasWords(std::string_view text) {
    for (const std::string_view line : linesOf(text)) {
        const std::string_view core = trimmed(line);
        if (!core.empty() && core != "---" && core.front() != '>') return true;
    }
    return false;
}

// Lines end without spaces, no empty lines at the ends, never more than two in a row.
std::string tidy(std::string_view text) {
    std::string out;
    std::size_t empty = 0;
    for (std::string_view line : linesOf(text)) {
        while (!line.empty() && (isSpace(line.back()) || line.ends_with("\xC2\xA0")))
            line.remove_suffix(line.ends_with("\xC2\xA0") ? 2 : 1);
        if (line.empty()) {
            ++empty;
            continue;
        }
        if (!out.empty()) out.append(std::min<std::size_t>(empty + 1, 3), '\n');
        empty = 0;
        out += line;
    }
    return out;
}

// A line drawn above a quote that is gone.
std::string_view withoutRulerAtEnd(std::string_view text) {
    for (;;) {
        while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
        const auto begin = text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1;
        const std::string_view line = trimmed(text.substr(begin));
        if (begin == 0 || line.size() < 3 || line.find_first_not_of("-_=*") != std::string_view::npos)
            return text;
        text = text.substr(0, begin);
    }
}

std::string strip(std::string_view text) {
    std::string unquoted = withoutTextQuotes(text);
    if (!hasWords(unquoted)) return "";
    std::string unsigned_text = withoutSignature(unquoted);
    return std::string(withoutRulerAtEnd(hasWords(unsigned_text) ? unsigned_text : unquoted));
}

std::string withoutMarks(std::string_view text) {
    std::string out;
    for (const std::string_view line : linesOf(text)) {
        if (trimmed(line) != kQuoteMark) out.append(line).push_back('\n');
    }
    return out;
}

}  // namespace

std::string replyText(std::string_view text, std::string_view html, bool is_text_from_html) {
    if (!html.empty()) {
        const UnquotedHtml unquoted = withoutHtmlQuotes(html);
        if (unquoted.found) {
            std::string result = tidy(withoutMarks(strip(htmlToText(unquoted.html))));
            if (hasWords(result)) return validUtf8(result);
        }
    }
    (void)is_text_from_html;
    std::string result = tidy(strip(text));
    if (!hasWords(result)) result = tidy(text);
    return result.empty() ? std::string(trimmed(text)) : result;
}

}  // namespace signalbox::mime
