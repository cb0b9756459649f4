#include "connectors/email/html_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace signalbox::email {
namespace {

std::string lowerName(std::string_view tag) {
    std::string name;
    for (const char c : tag) {
        const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
        if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || (low == '/' && name.empty())) {
            name += low;
        } else {
            break;
        }
    }
    return name;
}

void appendUtf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x110000) {
        out += static_cast<char>(0xF0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
}

// Appends what the entity at the front of `rest` stands for; its length, 0: it is no entity.
std::size_t appendEntity(std::string& out, std::string_view rest) {
    const auto end = rest.substr(0, 12).find(';');
    if (end == std::string_view::npos) return 0;
    const std::string name(rest.substr(1, end - 1));
    constexpr std::array<std::pair<const char*, const char*>, 6> kNamed = {
        {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}}};
    for (const auto& [word, text] : kNamed) {
        if (name != word) continue;
        out += text;
        return end + 1;
    }
    if (name.size() < 2 || name[0] != '#') return 0;
    const bool is_hex = name[1] == 'x' || name[1] == 'X';
    const auto code = std::strtoul(name.c_str() + (is_hex ? 2 : 1), nullptr, is_hex ? 16 : 10);
    if (code < 0x20 || (code >= 0xD800 && code < 0xE000)) return 0;
    appendUtf8(out, static_cast<std::uint32_t>(code));
    return end + 1;
}

void newLine(std::string& out, bool is_paragraph) {
    while (!out.empty() && out.back() == ' ') out.pop_back();
    if (out.empty()) return;
    if (!out.ends_with('\n')) out += '\n';
    if (is_paragraph && !out.ends_with("\n\n")) out += '\n';
}

void onTag(std::string& out, const std::string& name) {
    if (name == "br") {
        while (!out.empty() && out.back() == ' ') out.pop_back();
        out += '\n';
    }
    if (name == "p" || name == "/p" || name == "table" || name == "blockquote" || name == "h1" ||
        name == "h2" || name == "h3" || name == "/h1" || name == "/h2" || name == "/h3")
        newLine(out, true);
    if (name == "div" || name == "/div" || name == "tr" || name == "/tr" || name == "ul" || name == "/ul")
        newLine(out, false);
    if (name == "li") {
        newLine(out, false);
        out += "- ";
    }
    if (name == "/td" || name == "/th") out += ' ';
}

// The value of href in a tag, when it is a link that a reader could want.
std::string linkOf(std::string_view tag) {
    const auto at = tag.find("href=");
    if (at == std::string_view::npos) return "";
    std::string_view rest = tag.substr(at + 5);
    if (rest.empty()) return "";
    const char quote = rest[0] == '"' || rest[0] == '\'' ? rest[0] : ' ';
    if (quote != ' ') rest.remove_prefix(1);
    const std::string link(rest.substr(0, rest.find_first_of(quote == ' ' ? " >" : std::string(1, quote))));
    return link.starts_with("http") ? link : "";
}

}  // namespace

std::string plainTextOf(std::string_view html) {
    std::string out, link;
    std::size_t link_start = 0;
    while (!html.empty()) {
        const char c = html[0];
        if (c == '<') {
            const auto end = html.find('>');
            if (end == std::string_view::npos) break;
            const std::string_view tag = html.substr(1, end - 1);
            const std::string name = lowerName(tag);
            html.remove_prefix(end + 1);
            for (const char* hidden : {"style", "script", "head", "title"}) {
                if (name != hidden) continue;
                const auto close = html.find("</" + name);
                html.remove_prefix(close == std::string_view::npos ? html.size() : close);
            }
            if (name == "a") {
                link = linkOf(tag);
                link_start = out.size();
            }
            if (name == "/a" && !link.empty()) {
                if (out.find(link, std::min(link_start, out.size())) == std::string::npos)
                    out += " (" + link + ")";
                link.clear();
            }
            onTag(out, name);
            continue;
        }
        if (c == '&') {
            if (const std::size_t length = appendEntity(out, html); length > 0) {
                html.remove_prefix(length);
                continue;
            }
        }
        const bool is_blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        if (!is_blank) out += c;
        if (is_blank && !out.empty() && out.back() != ' ' && out.back() != '\n') out += ' ';
        html.remove_prefix(1);
    }
    while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
    return out;
}

std::string textToHtml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '\n') {
            out += "<br>\n";
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace signalbox::email
