#include <algorithm>
#include <array>
#include <vector>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/html_text.h"
#include "connectors/email/mime/html_tokens.h"
#include "connectors/email/mime/reply_text.h"

namespace signalbox::mime {
namespace {

enum class Mark {
    None,
    Quote,      // this element is a quote
    FromHereOn  // the rest of the mail is
};

constexpr auto kQuoteClasses = std::to_array<std::string_view>(
    {"gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "tutanota_quote", "zmail_extra",
     "front-blockquote", "freshdesk_quote", "mailru-blockquote", "ms-outlook-mobile-reference-message",
     "mail-quote", "quote_container", "airmail_quote", "bloop_original_html", "reply_quote",
     "ntes-mailmaster-quote", "qt_quote"});
constexpr auto kFromHereOn = std::to_array<std::string_view>(
    {"divrplyfwdmsg", "appendonsend", "stopspelling", "olk_src_body_section", "outlookmessageheader",
     "mailoriginal", "replyblockquote", "isforwardcontent", "isreplycontent"});

std::string valueOf(const HtmlToken& token, std::string_view name) {
    const std::string* value = token.attribute(name);
    return value == nullptr ? "" : lowered(*value);
}

// Outlook draws a line over the headers of the mail it quotes.
bool isOutlookRule(const std::string& style) {
    std::string dense = style;
    std::erase_if(dense, isSpace);
    if (!contains(dense, "border-top:") || contains(dense, "border-left:") ||
        contains(dense, "border-bottom:solid"))
        return false;
    return contains(dense, "#b5c4df") || contains(dense, "#e1e1e1") ||
           (contains(dense, "border:none") && contains(dense, "solid") && contains(dense, "padding:3")) ||
           contains(dense, "181,196,223") || contains(dense, "225,225,225");
}

Mark markOf(const HtmlToken& token) {
    const std::string classes = valueOf(token, "class"), id = valueOf(token, "id");
    if (token.name == "blockquote") {
        // Gmail's plain indentation is written by hand.
        if (contains(valueOf(token, "style"), "margin:0 0 0 40px") ||
            contains(valueOf(token, "style"), "margin: 0 0 0 40px"))
            return Mark::None;
        if (valueOf(token, "type") == "cite" || contains(classes, "quote") || contains(id, "quote") ||
            token.attribute("cite") != nullptr || contains(valueOf(token, "style"), "border-left"))
            return Mark::Quote;
        return Mark::None;
    }
    for (const std::string_view name : kQuoteClasses) {
        if (contains(classes, name) || contains(id, name)) return Mark::Quote;
    }
    for (const std::string_view name : kFromHereOn) {
        if (contains(id, name) || contains(classes, name)) return Mark::FromHereOn;
    }
    if (token.name == "hr" && valueOf(token, "tabindex") == "-1") return Mark::FromHereOn;
    if (token.name == "div" && isOutlookRule(valueOf(token, "style"))) return Mark::FromHereOn;
    if (token.name == "hr" && contains(valueOf(token, "style"), "b5c4df")) return Mark::FromHereOn;
    return Mark::None;
}

bool isEmptyElement(std::string_view name) {
    return name == "br" || name == "hr" || name == "img" || name == "meta" || name == "link" ||
           name == "input" || name == "col" || name == "wbr" || name == "base";
}

bool isForward(std::string_view html) {
    const std::string head = lowered(htmlToText(html.substr(0, 6000))).substr(0, 300);
    return contains(head, "forwarded message") || contains(head, "weitergeleitete nachricht") ||
           contains(head, "begin forwarded") || contains(head, "message transféré") ||
           contains(head, "mensaje reenviado") || contains(head, "messaggio inoltrato");
}

// The end of the element that begins with `open`; the reader stands behind its start tag.
std::size_t elementEnd(HtmlReader reader, const HtmlToken& open, std::size_t size) {
    std::size_t depth = 1;
    HtmlToken token;
    while (reader.next(token)) {
        if (token.name != open.name) continue;
        if (token.kind == HtmlToken::Kind::Start) ++depth;
        if (token.kind == HtmlToken::Kind::End && --depth == 0) return token.end;
    }
    return size;
}

// Words in a quote's container that are not quoted, behind a quote: answers between the lines.
bool hasInlineAnswer(std::string_view element) {
    const std::string text = htmlToText(element);
    bool has_quote = false, has_answer = false;
    for (const std::string_view line : linesOf(text)) {
        const std::string_view core = trimmed(line);
        if (core.empty()) continue;
        if (core.front() == '>') {
            if (has_answer) return true;
            has_quote = true;
        } else if (has_quote) {
            has_answer = true;
        }
    }
    return false;
}

bool hasOwnWords(std::string_view html) {
    return !trimmed(htmlToText(html)).empty();
}

}  // namespace

UnquotedHtml withoutHtmlQuotes(std::string_view html) {
    UnquotedHtml result;
    HtmlReader reader(html);
    HtmlToken token;
    std::size_t kept = 0;
    std::size_t quotes = 0;
    // Up to where it was looked for words of this mail's own, each piece once.
    std::size_t looked = 0;
    bool has_words = false;
    while (reader.next(token)) {
        if (token.kind != HtmlToken::Kind::Start) continue;
        const Mark mark = markOf(token);
        if (mark == Mark::None) continue;
        if (mark == Mark::FromHereOn) {
            // Not when nothing stands before it: then it is the mail.
            has_words = has_words || hasOwnWords(html.substr(looked, token.begin - looked));
            looked = token.end;
            if (!has_words) continue;
            result.html += html.substr(kept, token.begin - kept);
            result.found = true;
            return result;
        }
        if (isEmptyElement(token.name)) continue;
        const std::size_t end = elementEnd(reader, token, html.size());
        const std::string_view element = html.substr(token.begin, end - token.begin);
        if (++quotes > 200) break;
        if (isForward(element)) return {std::string(html), false};
        if (hasInlineAnswer(element)) return {std::string(html), false};
        result.html += html.substr(kept, token.begin - kept);
        has_words = has_words || hasOwnWords(html.substr(looked, token.begin - looked));
        looked = end;
        // The line that introduces it is known by the quote below it.
        result.html += "<p>" + std::string(kQuoteMark) + "</p>";
        result.found = true;
        kept = end;
        // On behind the quote.
        while (reader.next(token) && token.end < end) {
        }
        if (token.end > end && token.kind == HtmlToken::Kind::Start && markOf(token) == Mark::FromHereOn) {
            result.html += html.substr(kept, token.begin - kept);
            return result;
        }
    }
    result.html += html.substr(std::min(kept, html.size()));
    return result;
}

}  // namespace signalbox::mime
