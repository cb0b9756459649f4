#include "connectors/email/mime/html_text.h"

#include <algorithm>
#include <array>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/html_tokens.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxQuoteDepth = 20;

template <std::size_t N>
bool isOneOf(std::string_view name, const std::array<std::string_view, N>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Begin and end on a line of their own.
constexpr auto kBlocks = std::to_array<std::string_view>(
    {"div",     "tr",      "li",     "dt",      "dd",      "form",   "fieldset", "address",
     "article", "section", "header", "footer",  "center",  "option", "caption",  "figure",
     "main",    "nav",     "aside",  "details", "summary", "body",   "html",     "head"});
// With an empty line around.
constexpr auto kParagraphs = std::to_array<std::string_view>(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "table", "blockquote"});

class TextWriter {
public:
    std::string run(std::string_view html) {
        HtmlReader reader(html);
        HtmlToken token;
        while (reader.next(token)) {
            if (token.kind == HtmlToken::Kind::Text)
                addText(token.text);
            else if (token.kind == HtmlToken::Kind::Start)
                open(token);
            else
                close(token.name);
        }
        while (!out_.empty() && isSpace(out_.back())) out_.pop_back();
        return std::move(out_);
    }

private:
    void open(const HtmlToken& token) {
        const std::string& name = token.name;
        if (name == "br") return breakLine();
        if (name == "hr") {
            wantBreaks(1);
            put("---");
            return wantBreaks(1);
        }
        if (name == "img") {
            if (const auto* alt = token.attribute("alt"); alt != nullptr && !trimmed(*alt).empty())
                addText(*alt);
            return;
        }
        if (name == "td" || name == "th") return addText(" ");
        if (name == "a") {
            const auto* target = token.attribute("href");
            link_ = target == nullptr ? "" : std::string(trimmed(*target));
            link_text_.clear();
            is_in_link_ = true;
            return;
        }
        if (isOneOf(name, kParagraphs)) wantBreaks(name == "table" || lists_ > 0 ? 1 : 2);
        if (isOneOf(name, kBlocks)) wantBreaks(1);
        if (name == "blockquote") quotes_ = std::min(quotes_ + 1, kMaxQuoteDepth);
        if (name == "pre") ++preformatted_;
        if (name == "ul" || name == "ol") ++lists_;
        if (name == "li") {
            put("- ");
            is_space_ = false;
        }
    }

    void close(const std::string& name) {
        if (name == "a") return closeLink();
        if (isOneOf(name, kParagraphs)) wantBreaks(name == "table" || lists_ > 1 ? 1 : 2);
        if (isOneOf(name, kBlocks)) wantBreaks(1);
        if (name == "blockquote" && quotes_ > 0) {
            flushBreaksTo(1);
            --quotes_;
        }
        if (name == "pre" && preformatted_ > 0) --preformatted_;
        if ((name == "ul" || name == "ol") && lists_ > 0) --lists_;
    }

    void closeLink() {
        const std::string target = std::move(link_);
        link_.clear();
        is_in_link_ = false;
        if (!startsIgnoringCase(target, "http://") && !startsIgnoringCase(target, "https://")) return;
        if (target.size() > 2000) return;
        std::string_view shown = trimmed(link_text_);
        std::string_view plain = target;
        plain.remove_prefix(plain.find("//") + 2);
        if (plain.ends_with('/')) plain.remove_suffix(1);
        if (shown.ends_with('/')) shown.remove_suffix(1);
        if (shown.empty() || contains(target, shown) || contains(shown, plain)) return;
        addText(" <" + target + ">");
    }

    void addText(std::string_view text) {
        if (preformatted_ > 0) return addPreformatted(text);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (isSpace(text[i])) {
                is_space_ = true;
            } else if (text.substr(i).starts_with("\xC2\xA0")) {
                if (is_space_) put("");
                put(" ");
                ++i;
            } else if (text.substr(i).starts_with("\xC2\xAD") || text.substr(i).starts_with("\xE2\x80\x8B") ||
                       text.substr(i).starts_with("\xEF\xBB\xBF") ||
                       text.substr(i).starts_with("\xE2\x80\x8C")) {
                i += text[i] == '\xC2' ? 1 : 2;  // soft hyphens and marks without width
            } else {
                auto end = i + 1;
                while (end < text.size() && !isSpace(text[end]) && text[end] != '\xC2' &&
                       text[end] != '\xE2' && text[end] != '\xEF')
                    ++end;
                put(text.substr(i, end - i));
                i = end - 1;
            }
        }
    }

    void addPreformatted(std::string_view text) {
        for (const auto& line : linesOf(text)) {
            put(line);
            if (line.data() + line.size() < text.data() + text.size()) breakLine();
        }
    }

    void put(std::string_view text) {
        if (breaks_ > 0) {
            const bool is_first = out_.empty();
            for (std::size_t i = 0; i < breaks_ && !is_first; ++i) newLine(i + 1 < breaks_);
            if (is_first) addQuotes(false);
            breaks_ = 0;
            is_space_ = false;
        } else if (out_.empty()) {
            addQuotes(false);
            is_space_ = false;
        }
        if (is_space_ && !out_.empty() && out_.back() != ' ' && out_.back() != '\n') out_.push_back(' ');
        is_space_ = false;
        out_.append(text);
        if (is_in_link_ && link_text_.size() < 4096) link_text_.append(text);
        is_after_break_ = false;
    }

    void newLine(bool is_empty) {
        while (!out_.empty() && out_.back() == ' ') out_.pop_back();
        out_.push_back('\n');
        addQuotes(is_empty);
    }
    void addQuotes(bool is_empty) {
        for (std::size_t i = 0; i < quotes_; ++i) out_ += '>';
        if (quotes_ > 0 && !is_empty) out_ += ' ';
    }

    void breakLine() {
        // A break ends the line; a second one is an empty line, however many blocks end there.
        if (is_after_break_ || breaks_ == 0)
            breaks_ = std::min<std::size_t>(breaks_ + 1, 3);
        else
            breaks_ = std::max<std::size_t>(breaks_, 2);
        is_after_break_ = true;
        is_space_ = false;
    }
    // Blocks within blocks make no further lines.
    void wantBreaks(std::size_t count) {
        if (is_after_break_ && count == 1) return;
        breaks_ = std::max(breaks_, count);
        is_space_ = false;
    }
    void flushBreaksTo(std::size_t count) { breaks_ = std::max(breaks_, count); }

    std::string out_;
    std::string link_, link_text_;
    std::size_t breaks_ = 0, quotes_ = 0, preformatted_ = 0, lists_ = 0;
    bool is_space_ = false, is_after_break_ = false, is_in_link_ = false;
};

}  // namespace

std::string htmlToText(std::string_view html) {
    return TextWriter().run(html);
}

}  // namespace signalbox::mime
