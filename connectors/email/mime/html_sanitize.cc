#include "connectors/email/mime/html_sanitize.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/html_tokens.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxOpen = 200;

using Names = std::set<std::string_view>;

const Names& elements() {
    static const Names names = {
        "a",       "abbr",    "address", "article", "b",       "bdi",   "bdo",        "big",    "blockquote",
        "br",      "caption", "center",  "cite",    "code",    "col",   "colgroup",   "dd",     "del",
        "details", "dfn",     "div",     "dl",      "dt",      "em",    "figcaption", "figure", "font",
        "footer",  "h1",      "h2",      "h3",      "h4",      "h5",    "h6",         "header", "hr",
        "i",       "img",     "ins",     "kbd",     "li",      "main",  "mark",       "ol",     "p",
        "pre",     "q",       "s",       "samp",    "section", "small", "span",       "strike", "strong",
        "sub",     "summary", "sup",     "table",   "tbody",   "td",    "tfoot",      "th",     "thead",
        "tr",      "tt",      "u",       "ul",      "var",     "wbr"};
    return names;
}

// Gone with everything in them.
const Names& dropped() {
    static const Names names = {"script",   "style",    "head",  "title",    "iframe", "object",
                                "embed",    "applet",   "svg",   "math",     "select", "textarea",
                                "button",   "template", "audio", "video",    "canvas", "frameset",
                                "noframes", "noembed",  "xml",   "datalist", "dialog", "portal"};
    return names;
}

// Of a whole page, for a mail that leaves.
const Names& pageElements() {
    static const Names names = {"html", "head", "body", "meta"};
    return names;
}

const Names& emptyElements() {
    static const Names names = {"br", "hr", "img", "col", "wbr", "meta"};
    return names;
}

const Names& attributes() {
    static const Names names = {"align",  "alt",    "bgcolor", "border",  "cellpadding", "cellspacing",
                                "cite",   "clear",  "color",   "colspan", "dir",         "face",
                                "height", "hspace", "lang",    "nowrap",  "rowspan",     "size",
                                "span",   "start",  "summary", "title",   "type",        "valign",
                                "value",  "vspace", "width",   "class"};
    return names;
}

const Names& pageAttributes() {
    static const Names names = {"id",          "name",      "role",      "content", "charset", "aria-hidden",
                                "aria-label",  "target",    "headers",   "scope",   "xmlns",   "link",
                                "vlink",       "alink",     "text",      "rules",   "frame",   "marginheight",
                                "marginwidth", "topmargin", "leftmargin"};
    return names;
}

const Names& properties() {
    static const Names names = {"background-color",
                                "border",
                                "border-bottom",
                                "border-bottom-color",
                                "border-bottom-style",
                                "border-bottom-width",
                                "border-collapse",
                                "border-color",
                                "border-left",
                                "border-left-color",
                                "border-left-style",
                                "border-left-width",
                                "border-radius",
                                "border-right",
                                "border-right-color",
                                "border-right-style",
                                "border-right-width",
                                "border-spacing",
                                "border-style",
                                "border-top",
                                "border-top-color",
                                "border-top-style",
                                "border-top-width",
                                "border-width",
                                "caption-side",
                                "clear",
                                "color",
                                "direction",
                                "display",
                                "empty-cells",
                                "float",
                                "font",
                                "font-family",
                                "font-size",
                                "font-style",
                                "font-variant",
                                "font-weight",
                                "height",
                                "letter-spacing",
                                "line-height",
                                "list-style-type",
                                "margin",
                                "margin-bottom",
                                "margin-left",
                                "margin-right",
                                "margin-top",
                                "max-width",
                                "min-width",
                                "padding",
                                "padding-bottom",
                                "padding-left",
                                "padding-right",
                                "padding-top",
                                "table-layout",
                                "text-align",
                                "text-decoration",
                                "text-indent",
                                "text-transform",
                                "vertical-align",
                                "white-space",
                                "width",
                                "word-break",
                                "word-spacing",
                                "word-wrap",
                                "background"};
    return names;
}

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\0':
                break;
            default:
                out.push_back(c);
        }
    }
    return out;
}

// Without what browsers skip in front of and within a scheme.
std::string address(std::string_view value) {
    std::string out;
    for (const char c : trimmed(value)) {
        if (static_cast<unsigned char>(c) >= 32) out.push_back(c);
    }
    return out;
}

bool isLinkTarget(std::string_view target) {
    for (const std::string_view scheme :
         {"http://", "https://", "mailto:", "tel:", "sip:", "xmpp:", "ftp://"}) {
        if (startsIgnoringCase(target, scheme)) return true;
    }
    return false;
}

// What runs, whichever way it is written, or ends the element that it stands in. Escapes spell it for some.
bool isLiveStyle(std::string_view style) {
    std::string text;
    bool is_comment = false;
    for (std::size_t i = 0; i < style.size(); ++i) {
        const std::string_view two = style.substr(i, 2);
        if (two == (is_comment ? "*/" : "/*")) {
            is_comment = !is_comment;
            ++i;
        } else if (!is_comment && style[i] != '\\' && style[i] != '\0') {
            text += style[i];
        }
    }
    text = lowered(text);
    for (const std::string_view live : {"expression(", "javascript:", "vbscript:", "behavior:",
                                        "-moz-binding", "@import", "</", "data:text"}) {
        if (contains(text, live)) return true;
    }
    return contains(lowered(style), "</");
}

// Declarations that are listed and hold no address, no function that runs, no position that covers the page.
std::string safeStyle(std::string_view style) {
    std::string out;
    if (style.size() > 4000) return out;
    while (!style.empty()) {
        const auto end = std::min(style.find(';'), style.size());
        const std::string_view declaration = style.substr(0, end);
        style.remove_prefix(std::min(end + 1, style.size()));
        const auto colon = declaration.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string name = lowered(trimmed(declaration.substr(0, colon)));
        const std::string value = lowered(trimmed(declaration.substr(colon + 1)));
        if (!properties().contains(name) || value.empty()) continue;
        if (value.find_first_of("\\<>{}@&") != std::string::npos || contains(value, "/*") ||
            contains(value, "url") || contains(value, "expression") || contains(value, "image") ||
            contains(value, "script") || contains(value, "var("))
            continue;
        if (!out.empty()) out += ';';
        out += name + ':' + std::string(trimmed(declaration.substr(colon + 1)));
    }
    return out;
}

enum class Use { Shown, Sent };

class Sanitizer {
public:
    explicit Sanitizer(Use use) : is_sent_(use == Use::Sent) {}

    SanitizedHtml run(std::string_view html) {
        html_ = html;
        HtmlReader reader(html);
        HtmlToken token;
        if (is_sent_ && startsIgnoringCase(trimmed(html), "<!doctype")) result_.html = "<!DOCTYPE html>\n";
        while (reader.next(token)) {
            if (is_sent_ && token.name == "style") {
                addSheet(token);
            } else if (token.kind == HtmlToken::Kind::Text) {
                if (dropping_.empty()) result_.html += escape(token.text);
            } else if (token.kind == HtmlToken::Kind::Start) {
                open(token);
            } else {
                close(token.name);
            }
        }
        while (!open_.empty()) closeLast();
        return std::move(result_);
    }

private:
    // The reader passes over what stands between the tags.
    void addSheet(const HtmlToken& token) {
        if (token.kind == HtmlToken::Kind::Start) {
            sheet_from_ = token.end;
            return;
        }
        if (sheet_from_ == 0) return;
        const std::string_view sheet = html_.substr(sheet_from_, token.begin - sheet_from_);
        sheet_from_ = 0;
        if (isDropping() || isLiveStyle(sheet)) return;
        result_.html += "<style>" + std::string(sheet) + "</style>";
    }

    // A page's head is part of what is sent.
    bool isDropped(const std::string& name) const {
        return dropped().contains(name) && !(is_sent_ && name == "head");
    }
    bool isKept(const std::string& name) const {
        return elements().contains(name) || (is_sent_ && pageElements().contains(name));
    }
    bool isDropping() const { return !dropping_.empty(); }

    void open(const HtmlToken& token) {
        if (!dropping_.empty()) {
            // <body> ends a head that was never closed.
            if (dropping_ == "head" && token.name == "body")
                dropping_.clear();
            else if (token.name == dropping_)
                ++depth_;
            return;
        }
        if (isDropped(token.name)) {
            if (token.name == "embed") return;
            dropping_ = token.name;
            depth_ = 1;
            return;
        }
        if (!isKept(token.name)) return;
        const bool is_empty = emptyElements().contains(token.name);
        // These end the one before.
        if ((token.name == "li" || token.name == "p") && !open_.empty() && open_.back() == token.name)
            closeLast();
        if (!is_empty && open_.size() >= kMaxOpen) return;
        result_.html += '<' + token.name;
        for (const HtmlAttribute& attribute : token.attributes) addAttribute(token, attribute);
        result_.html += '>';
        if (!is_empty) open_.push_back(token.name);
    }

    void close(const std::string& name) {
        if (!dropping_.empty()) {
            if (name == dropping_ && --depth_ == 0) dropping_.clear();
            return;
        }
        // The end of something further out ends what is open within; an end without a begin is nothing.
        const auto it = std::find(open_.rbegin(), open_.rend(), name);
        if (it == open_.rend()) return;
        const auto count = std::distance(open_.rbegin(), it) + 1;
        for (auto i = count; i > 0; --i) closeLast();
    }

    void closeLast() {
        result_.html += "</" + open_.back() + '>';
        open_.pop_back();
    }

    void addAttribute(const HtmlToken& token, const HtmlAttribute& attribute) {
        if (attribute.name == "href" && token.name == "a") return addLink(token, address(attribute.value));
        const bool is_put_aside = is_sent_ && attribute.name == "data-remote-src";
        if ((attribute.name == "src" || is_put_aside) && token.name == "img")
            return addImage(address(attribute.value));
        if (is_sent_ && attribute.name == "style") {
            if (!isLiveStyle(attribute.value)) add("style", attribute.value);
            return;
        }
        if (is_sent_ && attribute.name == "background") return addBackground(address(attribute.value));
        if (is_sent_ && pageAttributes().contains(attribute.name))
            return add(attribute.name, attribute.value);
        if (attribute.name == "style") {
            if (const std::string style = safeStyle(attribute.value); !style.empty()) add("style", style);
            return;
        }
        if (attribute.name == "title" && token.name == "a" && !is_sent_) return;
        if (attributes().contains(attribute.name)) add(attribute.name, attribute.value);
    }

    // The title shows the real target, whatever the text claims.
    void addLink(const HtmlToken& token, const std::string& target) {
        (void)token;
        ++result_.links;
        if (is_sent_) {
            if (target.starts_with('#') || isLinkTarget(target)) add("href", target);
            return;
        }
        if (target.starts_with('#') || !isLinkTarget(target)) return;
        add("href", target);
        add("title", target);
        add("rel", "noopener noreferrer nofollow");
        add("target", "_blank");
    }

    void addImage(const std::string& source) {
        if (startsIgnoringCase(source, "cid:")) return add("src", source);
        for (const std::string_view type : {"data:image/png;", "data:image/jpeg;", "data:image/jpg;",
                                            "data:image/gif;", "data:image/webp;"}) {
            if (startsIgnoringCase(source, type)) return add("src", source);
        }
        if (!startsIgnoringCase(source, "http://") && !startsIgnoringCase(source, "https://") &&
            !source.starts_with("//"))
            return;
        result_.has_remote_images = true;
        add(is_sent_ ? "src" : "data-remote-src", source);
    }

    void addBackground(const std::string& source) {
        if (startsIgnoringCase(source, "https://") || startsIgnoringCase(source, "http://") ||
            startsIgnoringCase(source, "cid:"))
            add("background", source);
    }

    void add(std::string_view name, std::string_view value) {
        result_.html += ' ';
        result_.html += name;
        result_.html += "=\"" + escape(value) + '"';
    }

    const bool is_sent_;
    std::string_view html_;
    std::size_t sheet_from_ = 0;  // where the style sheet that is open begins; 0: none is
    SanitizedHtml result_;
    std::vector<std::string> open_;
    std::string dropping_;
    int depth_ = 0;
};

}  // namespace

SanitizedHtml sanitizeHtml(std::string_view html) {
    return Sanitizer(Use::Shown).run(html);
}

std::string htmlToSend(std::string_view html) {
    return Sanitizer(Use::Sent).run(html).html;
}

}  // namespace signalbox::mime
