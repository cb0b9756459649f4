#include <set>
#include <utility>

#include "workflow/expr/expression.h"
#include "workflow/expr/lexer.h"
#include "workflow/expr/value.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kOpen = "{{", kClose = "}}";
constexpr std::size_t kMaxTemplate = 256 * 1024;
constexpr unsigned kMaxNesting = 100;

// Where the `}}` of an expression stands; quotes and inner braces may hold others.
std::size_t findClose(std::string_view text, std::size_t from) {
    char quote = 0;
    unsigned braces = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == '\\') ++i;
            if (c == quote) quote = 0;
            continue;
        }
        if (c == '"' || c == '\'') quote = c;
        if (c == '{') ++braces;
        if (c != '}') continue;
        if (braces == 0) return text.substr(i).starts_with(kClose) ? i : std::string_view::npos;
        --braces;
    }
    return std::string_view::npos;
}

enum class PieceKind { Plain, Escaped, Unclosed, Code };

// Literal text, then what ended it: `{{ code }}` or `\{{` or the end of the template.
struct Piece {
    PieceKind kind;
    std::string_view before;
    std::size_t begin, end;  // of what ended it
    std::string_view code;
};

Piece nextPiece(std::string_view text) {
    const auto open = text.find(kOpen);
    if (open == std::string_view::npos) return {PieceKind::Plain, text, text.size(), text.size(), {}};
    const auto begin_code = open + kOpen.size();
    if (open > 0 && text[open - 1] == '\\')
        return {PieceKind::Escaped, text.substr(0, open - 1), open, begin_code, {}};
    const auto close = findClose(text, begin_code);
    if (close == std::string_view::npos)
        return {PieceKind::Unclosed, text.substr(0, open), open, text.size(), {}};
    return {PieceKind::Code, text.substr(0, open), open, close + kClose.size(),
            text.substr(begin_code, close - begin_code)};
}

bool needsRendering(const Json& value) {
    return value.get_ref<const std::string&>().find(kOpen) != std::string::npos;
}

std::string memberPath(const std::string& parent, const std::string& key) {
    return parent.empty() ? key : parent + "." + key;
}

Error atPath(const std::string& path, Error error) {
    return path.empty() ? error : withContext(path, std::move(error));
}

Result<Json> renderAt(const Json& value, const Json& scope, const std::string& path, unsigned depth);

Result<Json> renderList(const Json& list, const Json& scope, const std::string& path, unsigned depth) {
    Json out = Json::array();
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto element = renderAt(list[i], scope, path + "[" + std::to_string(i) + "]", depth + 1);
        if (!element) return element;
        out.push_back(std::move(*element));
    }
    return out;
}

Result<Json> renderObject(const Json& object, const Json& scope, const std::string& path, unsigned depth) {
    Json out = Json::object();
    for (const auto& [key, value] : object.items()) {
        auto member = renderAt(value, scope, memberPath(path, key), depth + 1);
        if (!member) return member;
        out[key] = std::move(*member);
    }
    return out;
}

Result<Json> renderAt(const Json& value, const Json& scope, const std::string& path, unsigned depth) {
    if (depth > kMaxNesting)
        return atPath(path, Error{ErrorKind::Invalid, "nested deeper than 100", {}, "expression"});
    if (value.is_array()) return renderList(value, scope, path, depth);
    if (value.is_object()) return renderObject(value, scope, path, depth);
    if (!value.is_string() || !needsRendering(value)) return value;
    const auto compiled = Template::compile(value.get_ref<const std::string&>());
    if (!compiled) return atPath(path, compiled.error());
    auto rendered = compiled->render(scope);
    return rendered ? std::move(rendered) : atPath(path, rendered.error());
}

void checkAt(const Json& value, const std::string& path, unsigned depth, std::vector<std::string>& faults) {
    if (depth > kMaxNesting) {
        faults.push_back(path + ": nested deeper than 100");
        return;
    }
    if (value.is_array())
        for (std::size_t i = 0; i < value.size(); ++i)
            checkAt(value[i], path + "[" + std::to_string(i) + "]", depth + 1, faults);
    if (value.is_object())
        for (const auto& [key, member] : value.items())
            checkAt(member, memberPath(path, key), depth + 1, faults);
    if (!value.is_string() || !needsRendering(value)) return;
    const auto compiled = Template::compile(value.get_ref<const std::string&>());
    if (!compiled) faults.push_back(atPath(path, compiled.error()).message);
}

}  // namespace

Result<Template> Template::compile(std::string_view text) {
    expr::Position at;
    if (text.size() > kMaxTemplate)
        return expr::errorAt(at, "the text is longer than 256 KiB; keep long texts in a file");
    Template out;
    std::string literal;
    while (!text.empty()) {
        const auto piece = nextPiece(text);
        literal += piece.before;
        if (piece.kind == PieceKind::Escaped) literal += kOpen;
        at = expr::advance(at, text.substr(0, piece.begin));
        if (piece.kind == PieceKind::Unclosed)
            return expr::errorAt(
                at, "`{{` is never closed; add `}}`, or write `\\{{` for the characters themselves");
        if (piece.kind == PieceKind::Code) {
            auto compiled = Expression::compileAt(piece.code, expr::advance(at, kOpen));
            if (!compiled) return compiled.error();
            if (!literal.empty()) out.parts_.push_back({std::exchange(literal, {}), std::nullopt});
            out.parts_.push_back({"", std::move(*compiled)});
        }
        at = expr::advance(at, text.substr(piece.begin, piece.end - piece.begin));
        text.remove_prefix(piece.end);
    }
    if (!literal.empty()) out.parts_.push_back({std::move(literal), std::nullopt});
    return out;
}

Result<Json> Template::render(const Json& scope) const {
    if (parts_.size() == 1 && parts_[0].expression) return parts_[0].expression->evaluate(scope);
    std::string out;
    for (const auto& part : parts_) {
        out += part.text;
        if (!part.expression) continue;
        const auto value = part.expression->evaluate(scope);
        if (!value) return value.error();
        out += expr::textOf(*value);
        if (out.size() > expr::kMaxText)
            return expr::errorAt({}, "the rendered text grows over 1 MiB; cut its values with truncate");
    }
    return Json(std::move(out));
}

bool Template::isPlain() const {
    for (const auto& part : parts_)
        if (part.expression) return false;
    return true;
}

std::vector<std::string> Template::names() const {
    std::set<std::string> all;
    for (const auto& part : parts_) {
        if (!part.expression) continue;
        for (auto& name : part.expression->names()) all.insert(std::move(name));
    }
    return {all.begin(), all.end()};
}

Result<Json> renderAll(const Json& value, const Json& scope) {
    return renderAt(value, scope, "", 0);
}

std::vector<std::string> checkAll(const Json& value) {
    std::vector<std::string> faults;
    checkAt(value, "", 0, faults);
    return faults;
}

}  // namespace signalbox::workflow
