#include "workflow/graph/python_lexer.h"

#include <array>
#include <cctype>

namespace signalbox::workflow {
namespace {

using Kind = PythonToken::Kind;
using Tokens = std::vector<PythonToken>;

constexpr std::array<std::string_view, 8> kLong = {"==", "!=", "<=", ">=", "//", "**", "->", ":="};
constexpr std::string_view kShort = "()[]{},:.=<>+-*/%;@|~";  // | and ~ are Jinja's
constexpr std::size_t kMaxCode = 64 * 1024;

Error fault(std::size_t line, const std::string& what) {
    return {ErrorKind::Invalid, "line " + std::to_string(line) + ": " + what};
}

bool startsName(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}
bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

class Lexer {
public:
    Lexer(std::string_view code, std::size_t line) : rest_(code), line_(line) {}

    Result<std::vector<Tokens>> run() {
        if (rest_.size() > kMaxCode) return fault(line_, "code this long");
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (c == '\n' || c == ';') {
                if (depth_ == 0) endLine();
                line_ += c == '\n' ? 1 : 0;
                rest_.remove_prefix(1);
            } else if (c == ' ' || c == '\t' || c == '\r') {
                rest_.remove_prefix(1);
            } else if (c == '#') {
                rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
            } else if (rest_.starts_with("\\\n")) {
                rest_.remove_prefix(2);
                ++line_;
            } else if (auto done = token(); !done) {
                return done.error();
            }
        }
        endLine();
        return std::move(lines_);
    }

private:
    void endLine() {
        if (current_.empty()) return;
        current_.push_back({Kind::End, "", line_});
        lines_.push_back(std::move(current_));
        current_.clear();
    }
    void add(Kind kind, std::string text) { current_.push_back({kind, std::move(text), line_}); }
    std::string_view take(std::size_t n) {
        const auto out = rest_.substr(0, n);
        rest_.remove_prefix(out.size());
        return out;
    }

    Status token() {
        const char c = rest_.front();
        if (c == '"' || c == '\'') return text(false);
        if ((c == 'f' || c == 'F') && rest_.size() > 1 && (rest_[1] == '"' || rest_[1] == '\'')) {
            take(1);
            return text(true);
        }
        if (startsName(c)) {
            std::size_t n = 1;
            while (n < rest_.size() && (startsName(rest_[n]) || isDigit(rest_[n]))) ++n;
            const auto name = take(n);
            if (!rest_.empty() && (rest_[0] == '"' || rest_[0] == '\''))
                return fault(line_, "a text that begins with " + std::string(name));
            add(Kind::Name, std::string(name));
            return Done{};
        }
        if (isDigit(c)) return number();
        for (const auto symbol : kLong) {
            if (!rest_.starts_with(symbol)) continue;
            add(Kind::Symbol, std::string(take(symbol.size())));
            return Done{};
        }
        if (kShort.find(c) == std::string_view::npos) return fault(line_, std::string(1, c));
        if (c == '(' || c == '[' || c == '{') ++depth_;
        if (c == ')' || c == ']' || c == '}') --depth_;
        add(Kind::Symbol, std::string(take(1)));
        return Done{};
    }

    Status number() {
        std::size_t n = 0;
        while (n < rest_.size() && isDigit(rest_[n])) ++n;
        if (n + 1 < rest_.size() && rest_[n] == '.' && isDigit(rest_[n + 1]))
            for (++n; n < rest_.size() && isDigit(rest_[n]);) ++n;
        if (n < rest_.size() && (startsName(rest_[n]) || rest_[n] == '.'))
            return fault(line_, "a number that is written so");
        add(Kind::Number, std::string(take(n)));
        return Done{};
    }

    Status text(bool is_format) {
        const char quote = rest_.front();
        const std::string triple(3, quote);
        const std::string end = rest_.starts_with(triple) ? triple : std::string(1, quote);
        const std::size_t begins = line_;
        take(end.size());
        std::string out;
        while (!rest_.starts_with(end)) {
            if (rest_.empty() || (end.size() == 1 && rest_.front() == '\n'))
                return fault(begins, "a text that is never closed");
            if (rest_.front() == '\n') ++line_;
            if (rest_.front() != '\\') {
                out += take(1);
                continue;
            }
            if (rest_.size() < 2) return fault(begins, "a text that is never closed");
            const char c = take(2)[1];
            constexpr std::string_view kLetters = "ntr\\'\"\n", kMeant = "\n\t\r\\'\"";
            const auto which = kLetters.find(c);
            if (which == std::string_view::npos) return fault(line_, std::string("the escape \\") + c);
            if (which < kMeant.size()) out += kMeant[which];
        }
        take(end.size());
        current_.push_back({is_format ? Kind::Format : Kind::Text, std::move(out), begins});
        return Done{};
    }

    std::string_view rest_;
    std::size_t line_;
    int depth_ = 0;
    Tokens current_;
    std::vector<Tokens> lines_;
};

}  // namespace

Result<std::vector<std::vector<PythonToken>>> pythonLines(std::string_view code) {
    return Lexer(code, 1).run();
}

Result<std::vector<PythonToken>> pythonTokens(std::string_view code, std::size_t line) {
    auto lines = Lexer(code, line).run();
    if (!lines) return lines.error();
    if (lines->size() != 1) return fault(line, "an expression that is none");
    return std::move(lines->front());
}

Result<std::vector<std::pair<std::string, bool>>> formatParts(const PythonToken& token) {
    std::vector<std::pair<std::string, bool>> parts;
    std::string plain;
    for (std::size_t i = 0; i < token.text.size(); ++i) {
        const char c = token.text[i];
        const bool is_doubled = i + 1 < token.text.size() && token.text[i + 1] == c;
        if ((c == '{' || c == '}') && is_doubled) {
            plain += c;
            ++i;
        } else if (c == '{') {
            const auto close = token.text.find('}', i);
            if (close == std::string::npos) return fault(token.line, "an f-string that is never closed");
            std::string code = token.text.substr(i + 1, close - i - 1);
            if (code.find_first_of(":!={") != std::string::npos)
                return fault(token.line, "a format in an f-string");
            if (!plain.empty()) parts.emplace_back(std::move(plain), false);
            plain.clear();
            parts.emplace_back(std::move(code), true);
            i = close;
        } else {
            plain += c;
        }
    }
    if (!plain.empty()) parts.emplace_back(std::move(plain), false);
    return parts;
}

}  // namespace signalbox::workflow
