#include "connectors/email/mime/content_type.h"

#include <algorithm>
#include <vector>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/charset.h"
#include "connectors/email/mime/header_text.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxParameters = 200;

struct RawParameter {
    std::string name, value;
};

// One piece of name*0*=…
struct Piece {
    int index = 0;
    bool is_extended = false;
    std::string value;
};

std::string withoutComments(std::string_view text) {
    std::string out;
    int depth = 0;
    bool is_quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"' && depth == 0) is_quoted = !is_quoted;
        if (is_quoted && c == '\\' && i + 1 < text.size()) {
            out.push_back(c);
            out.push_back(text[++i]);
            continue;
        }
        // In a type only; «name=a (1).pdf» is a common fault and no comment.
        if (!is_quoted && c == '(' && !contains(out, "=")) ++depth;
        if (depth == 0) out.push_back(c);
        if (!is_quoted && c == ')' && depth > 0) --depth;
    }
    return depth == 0 ? out : std::string(text);
}

// The value at the front of `text`, which is moved behind it.
std::string takeValue(std::string_view& text) {
    std::string out;
    text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
    if (text.starts_with('"')) {
        std::size_t i = 1;
        for (; i < text.size() && text[i] != '"'; ++i) {
            if (text[i] == '\\' && i + 1 < text.size()) ++i;
            out.push_back(text[i]);
        }
        text.remove_prefix(std::min(i + 1, text.size()));
        // Whatever stands between the quote and the next «;» is lost in other programs too.
        text.remove_prefix(std::min(text.find(';'), text.size()));
        return out;
    }
    const auto end = std::min(text.find(';'), text.size());
    out = std::string(trimmed(text.substr(0, end)));
    text.remove_prefix(end);
    return out;
}

std::vector<RawParameter> splitParameters(std::string_view text) {
    std::vector<RawParameter> found;
    while (!text.empty() && found.size() < kMaxParameters) {
        const auto begin = text.find_first_not_of("; \t");
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin);
        const auto end = text.find_first_of("=;");
        if (end == std::string_view::npos) break;
        const std::string name = lowered(trimmed(text.substr(0, end)));
        const bool has_value = text[end] == '=';
        text.remove_prefix(has_value ? end + 1 : end);
        if (!has_value) continue;
        std::string value = takeValue(text);
        if (!name.empty()) found.push_back({name, std::move(value)});
    }
    return found;
}

int hexDigit(char c) {
    if (isDigit(c)) return c - '0';
    const char low = lowerChar(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string percentDecoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() + 0 && hexDigit(text[i + 1]) >= 0 &&
            hexDigit(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(hexDigit(text[i + 1]) * 16 + hexDigit(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

// charset'language'… ; without the two quotes it is the text itself.
std::string takeCharset(std::string& value) {
    const auto first = value.find('\'');
    const auto second = first == std::string::npos ? first : value.find('\'', first + 1);
    if (second == std::string::npos) return "";
    std::string charset = value.substr(0, first);
    value.erase(0, second + 1);
    return charset;
}

std::string joinPieces(std::vector<Piece> pieces) {
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.index < b.index; });
    std::string charset, bytes;
    bool is_extended = false;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (i == 0 && pieces[i].is_extended) charset = takeCharset(pieces[i].value);
        is_extended = is_extended || pieces[i].is_extended;
        bytes += pieces[i].is_extended ? percentDecoded(pieces[i].value) : pieces[i].value;
    }
    return is_extended ? toUtf8(bytes, charset) : decodeHeader(bytes);
}

void addParameters(HeaderValue& header, std::string_view text) {
    std::map<std::string, std::vector<Piece>> pieces;
    for (RawParameter& parameter : splitParameters(text)) {
        const auto star = parameter.name.find('*');
        if (star == std::string::npos) {
            header.parameters.emplace(parameter.name, decodeHeader(parameter.value));
            continue;
        }
        Piece piece{0, parameter.name.ends_with('*'), std::move(parameter.value)};
        for (std::size_t i = star + 1; i < parameter.name.size() && isDigit(parameter.name[i]); ++i)
            piece.index = std::min(piece.index * 10 + (parameter.name[i] - '0'), 100'000);
        pieces[parameter.name.substr(0, star)].push_back(std::move(piece));
    }
    // The extended form says more than the plain one beside it.
    for (auto& [name, list] : pieces) header.parameters[name] = joinPieces(std::move(list));
}

bool isToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return isLetter(c) || isDigit(c) || contains("!#$&-^_.+*'%`{|}~", std::string_view(&c, 1));
    });
}

}  // namespace

const std::string& HeaderValue::parameter(const std::string& name) const {
    static const std::string none;
    const auto it = parameters.find(name);
    return it == parameters.end() ? none : it->second;
}

HeaderValue parseHeaderValue(std::string_view raw) {
    HeaderValue header;
    const std::string text = withoutComments(unfold(raw));
    const auto end = std::min(text.find(';'), text.size());
    header.value = lowered(trimmed(std::string_view(text).substr(0, end)));
    addParameters(header, std::string_view(text).substr(end));
    return header;
}

HeaderValue parseContentType(std::string_view raw) {
    HeaderValue header = parseHeaderValue(raw);
    std::string& type = header.value;
    // «"application/pdf"».
    if (type.size() > 2 && type.front() == '"' && type.back() == '"') type = type.substr(1, type.size() - 2);
    // «text / html».
    if (const auto slash = type.find('/');
        slash != std::string::npos && type.find('=') == std::string::npos) {
        std::string dense = type;
        std::erase_if(dense, isSpace);
        const std::string_view around = std::string_view(type).substr(slash == 0 ? 0 : slash - 1, 3);
        if (contains(around, " ")) type = dense;
    }
    // «text/html charset=x»: the «;» was forgotten.
    if (const auto space = type.find_first_of(" \t"); space != std::string::npos) {
        const std::string text = unfold(raw);
        const auto begin =
            text.find_first_of(" \t", text.find('/') == std::string::npos ? 0 : text.find('/') + 1);
        if (begin != std::string::npos) addParameters(header, std::string_view(text).substr(begin));
        std::erase_if(type, isSpace);
        type = lowered(trimmed(std::string_view(text).substr(0, std::min(begin, text.find(';')))));
        std::erase_if(type, isSpace);
    }
    const auto slash = type.find('/');
    const std::string_view view = type;
    if (slash == std::string::npos || !isToken(view.substr(0, slash)) || !isToken(view.substr(slash + 1)))
        type = type == "html" ? "text/html" : "text/plain";
    return header;
}

}  // namespace signalbox::mime
