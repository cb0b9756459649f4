#include "workflow/graph/jinja_template.h"

#include <algorithm>

#include "workflow/graph/foreign.h"

namespace signalbox::workflow {
namespace {

constexpr std::size_t kMaxText = 12 * 1024;  // an expression of ours takes 16 KiB
constexpr int kMaxDepth = 16;

Error notTaken(std::size_t line, const std::string& what) {
    return {ErrorKind::Invalid, "line " + std::to_string(line) + ": " + what};
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

struct Piece {
    enum class Kind { Plain, Value, Statement } kind = Kind::Plain;
    std::string text;
    std::size_t line = 1;
};

// Of the next {{, {% or {#, or the text's end.
std::size_t nextMark(std::string_view text) {
    for (auto at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1))
        if (at + 1 < text.size() && std::string_view("{%#").find(text[at + 1]) != std::string_view::npos)
            return at;
    return text.size();
}

// `{{- x -}}` takes the white space around it away; a line's end at the very end does not count.
Result<std::vector<Piece>> piecesOf(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    std::vector<Piece> pieces;
    std::size_t line = 1;
    bool trims_next = false;
    while (!text.empty()) {
        const std::size_t open = nextMark(text);
        std::string_view plain = text.substr(0, open);
        const bool trims = open + 2 < text.size() && text[open + 2] == '-';
        const auto lines = static_cast<std::size_t>(std::count(plain.begin(), plain.end(), '\n'));
        if (trims_next) plain.remove_prefix(std::min(plain.find_first_not_of(" \t\r\n"), plain.size()));
        if (trims) plain = plain.substr(0, plain.find_last_not_of(" \t\r\n") + 1);
        if (!plain.empty()) pieces.push_back({Piece::Kind::Plain, std::string(plain), line});
        line += lines;
        if (open == text.size()) break;
        const char kind = text[open + 1];
        const auto close = text.find(kind == '{' ? "}}" : kind == '%' ? "%}" : "#}", open + 2);
        if (close == std::string_view::npos)
            return notTaken(line, "a {" + std::string(1, kind) + " that is never closed");
        std::string_view code = text.substr(open + 2, close - open - 2);
        line += static_cast<std::size_t>(std::count(code.begin(), code.end(), '\n'));
        trims_next = code.ends_with('-');
        if (code.starts_with('-')) code.remove_prefix(1);
        if (code.ends_with('-')) code.remove_suffix(1);
        if (kind != '#')
            pieces.push_back({kind == '{' ? Piece::Kind::Value : Piece::Kind::Statement,
                              std::string(trimmed(code)), line});
        text.remove_prefix(close + 2);
    }
    return pieces;
}

// Texts and values joined by ~, as one expression that gives a text.
class Joiner {
public:
    Joiner(const std::vector<Piece>& pieces, const std::map<std::string, PythonValue>& names)
        : pieces_(pieces), names_(names) {}

    Result<std::string> whole() {
        auto out = block(0);
        if (out && at_ < pieces_.size()) return notTaken(pieces_[at_].line, statement());
        return out;
    }

private:
    std::string word() const {
        const auto& text = pieces_[at_].text;
        return text.substr(0, text.find_first_of(" \t\n"));
    }
    std::string statement() const { return "{% " + word() + " %}"; }
    bool isAt(std::string_view name) const {
        return at_ < pieces_.size() && pieces_[at_].kind == Piece::Kind::Statement && word() == name;
    }
    Result<PythonValue> condition() {
        const auto& piece = pieces_[at_];
        return readJinjaExpression(std::string_view(piece.text).substr(word().size()), piece.line, names_);
    }

    Result<std::string> block(int depth) {
        std::string out = "''";
        for (; at_ < pieces_.size(); ++at_) {
            const auto& piece = pieces_[at_];
            if (out.size() > kMaxText) return notTaken(piece.line, "a template this long");
            if (piece.kind == Piece::Kind::Plain) {
                out += " ~ " + literal(piece.text);
            } else if (piece.kind == Piece::Kind::Value) {
                const auto value = readJinjaExpression(piece.text, piece.line, names_);
                if (!value) return value.error();
                out += " ~ " + value->text;
            } else if (word() == "if") {
                auto chosen = choice(depth + 1);
                if (!chosen) return chosen;
                out += " ~ " + *chosen;
            } else {
                break;
            }
        }
        return out;
    }

    // From {% if %} or {% elif %} on; ends at {% endif %}.
    Result<std::string> choice(int depth) {
        if (depth > kMaxDepth) return notTaken(pieces_[at_].line, "{% if %} nested this deep");
        auto when = condition();
        if (!when) return when.error();
        ++at_;
        auto yes = block(depth);
        if (!yes) return yes;
        Result<std::string> no = std::string("''");
        if (isAt("elif")) {
            no = choice(depth + 1);
        } else if (isAt("else")) {
            ++at_;
            no = block(depth);
        }
        if (!no) return no;
        if (!isAt("endif"))
            return notTaken(at_ < pieces_.size() ? pieces_[at_].line : pieces_.back().line,
                            at_ < pieces_.size() ? statement() : "an {% if %} without {% endif %}");
        return "(" + when->text + " ? " + *yes + " : " + *no + ")";
    }

    const std::vector<Piece>& pieces_;
    const std::map<std::string, PythonValue>& names_;
    std::size_t at_ = 0;
};

// Text with values in it; a single value would keep its kind, there it is a text.
Result<std::string> filledIn(const std::vector<Piece>& pieces,
                             const std::map<std::string, PythonValue>& names) {
    std::string out;
    for (const auto& piece : pieces) {
        if (piece.kind == Piece::Kind::Plain) {
            out += piece.text;
            continue;
        }
        const auto value = readJinjaExpression(piece.text, piece.line, names);
        if (!value) return value.error();
        out += pieces.size() == 1 ? "{{ text(" + value->text + ") }}" : "{{ " + value->text + " }}";
    }
    return out;
}

}  // namespace

Result<std::string> readJinja(std::string_view text, const std::map<std::string, PythonValue>& names) {
    const auto pieces = piecesOf(text);
    if (!pieces) return pieces.error();
    if (std::none_of(pieces->begin(), pieces->end(),
                     [](const Piece& piece) { return piece.kind == Piece::Kind::Statement; }))
        return filledIn(*pieces, names);
    auto joined = Joiner(*pieces, names).whole();
    if (!joined) return joined;
    return "{{ " + *joined + " }}";
}

}  // namespace signalbox::workflow
