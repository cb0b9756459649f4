// What somebody wrote himself: the text without quoted mails and signatures. A view; the whole text is kept.
// Answers between quotes are kept with what they answer; forwarded mails are kept; never empty when there is
// text. Pure, linear.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::mime {

// `html` as it was sent, or empty. Quotes are taken out of the HTML where mail programs mark them there, else
// out of the text.
std::string replyText(std::string_view text, std::string_view html, bool is_text_from_html);

// Stands where a quote was in HTML, as a quoted line: the line that introduces it is known by it.
inline constexpr std::string_view kQuoteMark = "> \uE000";

// The HTML without its quotes. `found`: there was one.
struct UnquotedHtml {
    std::string html;
    bool found = false;
};
UnquotedHtml withoutHtmlQuotes(std::string_view html);

// Without quotes: by «>», by the line that introduces a quote, by header blocks.
std::string withoutTextQuotes(std::string_view text);
std::string withoutSignature(std::string_view text);

}  // namespace signalbox::mime
