#include "workflow/expr/lexer.h"

#include <array>
#include <charconv>
#include <optional>

#include "workflow/expr/unicode.h"

namespace signalbox::workflow::expr {
namespace {

constexpr std::array<std::string_view, 25> kSymbols = {"==", "!=", "<=", ">=", "??", "(", ")", "[", "]",
                                                       "{",  "}",  ",",  ":",  ".",  "?", "|", "<", ">",
                                                       "+",  "-",  "*",  "/",  "%",  "~", "!"};

struct Habit {
    std::string_view written, meant;
};
// What people type from other languages and what it is here: where both mean the same it is taken.
constexpr std::array<Habit, 4> kSynonyms = {{{"&&", "and"}, {"||", "or"}, {"===", "=="}, {"!==", "!="}}};
constexpr std::array<Habit, 4> kHabits = {{{"<>", "!="}, {"=~", "matches"}, {"=", "=="}, {"**", "x * x"}}};

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool startsName(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}
std::optional<unsigned> hexValue(char c) {
    if (isDigit(c)) return c - '0';
    c = static_cast<char>(c | 0x20);
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return std::nullopt;
}

class Lexer {
public:
    Lexer(std::string_view text, Position start) : rest_(text), at_(start) {}

    Result<std::vector<Token>> run() {
        while (skipSpace()) {
            auto token = next();
            if (!token) return token.error();
            tokens_.push_back(std::move(*token));
        }
        tokens_.push_back({TokenKind::End, at_, "", {}});
        return std::move(tokens_);
    }

private:
    bool skipSpace() {
        std::size_t n = 0;
        while (n < rest_.size() &&
               (rest_[n] == ' ' || rest_[n] == '\t' || rest_[n] == '\n' || rest_[n] == '\r'))
            ++n;
        consume(n);
        return !rest_.empty();
    }

    std::string_view consume(std::size_t n) {
        const auto taken = rest_.substr(0, n);
        at_ = advance(at_, taken);
        rest_.remove_prefix(n);
        return taken;
    }

    Result<Token> next() {
        const char c = rest_[0];
        if (isDigit(c)) return number();
        if (startsName(c)) return name();
        if (c == '"' || c == '\'') return text();
        return symbol();
    }

    Token name() {
        std::size_t n = 1;
        while (n < rest_.size() && (startsName(rest_[n]) || isDigit(rest_[n]))) ++n;
        const Position at = at_;
        return {TokenKind::Name, at, std::string(consume(n)), {}};
    }

    Result<Token> number() {
        const Position at = at_;
        const std::size_t n = numberLength();
        const auto digits = consume(n);
        if (!rest_.empty() && startsName(rest_[0]))
            return errorAt(at, "a name cannot begin with a digit; write [\"…\"] for such a member");
        std::int64_t whole = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + n, whole);
        if (read.ec == std::errc{} && read.ptr == digits.data() + n)
            return Token{TokenKind::Number, at, "", whole};
        double value = 0;
        const auto fraction = std::from_chars(digits.data(), digits.data() + n, value);
        if (fraction.ec != std::errc{}) return errorAt(at, "the number is out of range");
        return Token{TokenKind::Number, at, "", value};
    }

    std::size_t numberLength() const {
        std::size_t n = digitsFrom(0);
        if (n + 1 < rest_.size() && rest_[n] == '.' && isDigit(rest_[n + 1])) n = digitsFrom(n + 1);
        if (n >= rest_.size() || (rest_[n] | 0x20) != 'e') return n;
        const std::size_t sign = n + 1 < rest_.size() && (rest_[n + 1] == '-' || rest_[n + 1] == '+') ? 1 : 0;
        const std::size_t end = digitsFrom(n + 1 + sign);
        return end > n + 1 + sign ? end : n;
    }
    std::size_t digitsFrom(std::size_t n) const {
        while (n < rest_.size() && isDigit(rest_[n])) ++n;
        return n;
    }

    Result<Token> text() {
        const Position at = at_;
        const char quote = consume(1)[0];
        std::string out;
        while (!rest_.empty() && rest_[0] != quote) {
            if (rest_[0] != '\\') {
                out += consume(firstCharacter(rest_).size);
                continue;
            }
            if (auto escaped = escape(out); !escaped) return escaped.error();
        }
        if (rest_.empty()) return errorAt(at, std::string("the text is never closed; add ") + quote);
        consume(1);
        return Token{TokenKind::Text, at, std::move(out), {}};
    }

    Status escape(std::string& out) {
        const Position at = at_;
        consume(1);
        if (rest_.empty()) return errorAt(at, "the text ends within an escape");
        const char c = consume(firstCharacter(rest_).size)[0];
        if (c == 'u') return unicodeEscape(out, at);
        constexpr std::string_view kLetters = "ntr\\'\"/", kMeant = "\n\t\r\\'\"/";
        const auto which = kLetters.find(c);
        if (which == std::string_view::npos)
            return errorAt(at, "unknown escape; known are \\n \\t \\r \\\\ \\' \\\" \\u1234");
        out += kMeant[which];
        return Done{};
    }

    Status unicodeEscape(std::string& out, Position at) {
        auto code = fourHex();
        if (code && *code >= 0xD800 && *code <= 0xDBFF && rest_.substr(0, 2) == "\\u") {
            consume(2);
            const auto low = fourHex();
            if (!low || *low < 0xDC00 || *low > 0xDFFF) return errorAt(at, "half of a \\u pair is missing");
            code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
        }
        if (!code || (*code >= 0xD800 && *code <= 0xDFFF))
            return errorAt(at, "\\u takes four hexadecimal digits of a character");
        appendUtf8(out, *code);
        return Done{};
    }

    std::optional<char32_t> fourHex() {
        if (rest_.size() < 4) return std::nullopt;
        char32_t code = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const auto digit = hexValue(rest_[i]);
            if (!digit) return std::nullopt;
            code = code << 4 | *digit;
        }
        consume(4);
        return code;
    }

    Result<Token> symbol() {
        const Position at = at_;
        for (const auto& synonym : kSynonyms) {
            if (!rest_.starts_with(synonym.written)) continue;
            consume(synonym.written.size());
            return Token{TokenKind::Symbol, at, std::string(synonym.meant), {}};
        }
        for (const auto& habit : kHabits) {
            if (!rest_.starts_with(habit.written) || rest_.starts_with("==")) continue;
            return errorAt(at,
                           "write " + std::string(habit.meant) + " instead of " + std::string(habit.written));
        }
        for (const auto symbol : kSymbols)
            if (rest_.starts_with(symbol))
                return Token{TokenKind::Symbol, at, std::string(consume(symbol.size())), {}};
        const auto character = rest_.substr(0, firstCharacter(rest_).size);
        return errorAt(at, "unexpected character " + std::string(character) +
                               "; text stands in quotes, other names in [\"…\"]");
    }

    std::string_view rest_;
    Position at_;
    std::vector<Token> tokens_;
};

}  // namespace

Error errorAt(Position at, const std::string& message) {
    const std::string line = at.line > 1 ? "line " + std::to_string(at.line) + ", " : "";
    return Error{
        ErrorKind::Invalid, line + "column " + std::to_string(at.column) + ": " + message, {}, "expression"};
}

Position advance(Position from, std::string_view text) {
    for (const char c : text) {
        if (c == '\n')
            from = {from.line + 1, 1};
        else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80)
            ++from.column;
    }
    return from;
}

Result<std::vector<Token>> tokenize(std::string_view text, Position start) {
    return Lexer(text, start).run();
}

}  // namespace signalbox::workflow::expr
