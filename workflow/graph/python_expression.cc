#include "workflow/graph/python_expression.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "workflow/graph/foreign.h"
#include "workflow/graph/python_lexer.h"

namespace signalbox::workflow {
namespace {

using Kind = PythonValue::Kind;
using Made = Result<PythonValue>;

constexpr int kMaxDepth = 40;
constexpr std::size_t kMaxArguments = 16;
constexpr std::size_t kMaxText = 8 * 1024;  // names are written out where they are read

Error notTaken(std::size_t line, const std::string& what) {
    return {ErrorKind::Invalid, "line " + std::to_string(line) + ": " + what};
}

// One expression, from its first token on.
class Reader {
public:
    Reader(const std::vector<PythonToken>& tokens, const std::map<std::string, PythonValue>& names, Kind hint,
           bool is_jinja = false)
        : tokens_(tokens), names_(names), hint_(hint), is_jinja_(is_jinja) {}

    Made whole() {
        auto value = choice();
        if (value && now().kind != PythonToken::Kind::End) return unexpected();
        return value;
    }

private:
    const PythonToken& now() const { return tokens_[at_]; }
    bool sees(std::string_view word) const {
        return now().text == word &&
               (now().kind == PythonToken::Kind::Symbol || now().kind == PythonToken::Kind::Name);
    }
    bool takes(std::string_view word) {
        if (!sees(word)) return false;
        ++at_;
        return true;
    }
    Error unexpected() const {
        return notTaken(now().line, now().kind == PythonToken::Kind::End ? "an expression ends too early"
                                                                         : "\"" + now().text + "\"");
    }

    static PythonValue made(std::string text, Kind kind) { return {"(" + std::move(text) + ")", kind, {}}; }

    Error tooDeep() const { return notTaken(now().line, "expressions nested this deep"); }
    Error tooLong() const { return notTaken(now().line, "an expression this long"); }
    Made checked(PythonValue value) const {
        if (value.text.size() > kMaxText) return tooLong();
        return value;
    }

    Made choice() {
        if (++depth_ > kMaxDepth) return tooDeep();
        auto yes = anyOf();
        if (yes && takes("if")) {
            auto condition = anyOf();
            if (!condition) return condition;
            if (!takes("else")) return unexpected();
            auto no = choice();
            if (!no) return no;
            const Kind kind = yes->kind == no->kind ? yes->kind : Kind::Unknown;
            yes = checked(made(condition->text + " ? " + yes->text + " : " + no->text, kind));
        }
        --depth_;
        return yes;
    }

    // They give an operand there, not true or false.
    Made anyOf() {
        auto left = allOf();
        while (left && takes("or")) {
            auto right = allOf();
            if (!right) return right;
            left = checked(made(left->text + " ? " + left->text + " : " + right->text,
                                left->kind == right->kind ? left->kind : Kind::Unknown));
        }
        return left;
    }
    Made allOf() {
        auto left = negation();
        while (left && takes("and")) {
            auto right = negation();
            if (!right) return right;
            left = checked(made(left->text + " ? " + right->text + " : " + left->text, Kind::Unknown));
        }
        return left;
    }
    Made negation() {
        if (!takes("not")) return comparison();
        if (++depth_ > kMaxDepth) return tooDeep();
        auto operand = negation();
        --depth_;
        if (!operand) return operand;
        return made("not " + operand->text, Kind::Unknown);
    }

    Made comparison() {
        auto left = sum();
        if (!left) return left;
        std::string op;
        for (const char* one : {"==", "!=", "<=", ">=", "<", ">", "in"})
            if (op.empty() && takes(one)) op = one;
        if (op.empty() && takes("is")) op = takes("not") ? "!=" : "==";
        if (op.empty() && sees("not")) {
            takes("not");
            if (!takes("in")) return unexpected();
            op = "not in";
        }
        if (op.empty()) return left;
        auto right = sum();
        if (!right) return right;
        return checked(made(left->text + " " + op + " " + right->text, Kind::Unknown));
    }

    Made sum() {
        auto left = product();
        while (left && (sees("+") || sees("-") || sees("~"))) {
            if (takes("~")) {
                auto right = product();
                if (!right) return right;
                left = checked(made(left->text + " ~ " + right->text, Kind::Text));
                continue;
            }
            const bool is_plus = takes("+");
            if (!is_plus) takes("-");
            auto right = product();
            if (!right) return right;
            left = is_plus ? joined(*left, *right)
                           : checked(made(left->text + " - " + right->text, Kind::Number));
        }
        return left;
    }

    Made joined(const PythonValue& a, const PythonValue& b) const {
        const auto is = [&](Kind kind) { return a.kind == kind || b.kind == kind; };
        if (is(Kind::List)) return checked(made("[" + a.text + ", " + b.text + "] | flatten", Kind::List));
        const Kind kind = is(Kind::Text) ? Kind::Text : is(Kind::Number) ? Kind::Number : hint_;
        if (kind == Kind::Text) return checked(made(a.text + " ~ " + b.text, Kind::Text));
        if (kind == Kind::Number) return checked(made(a.text + " + " + b.text, Kind::Number));
        return notTaken(now().line, "a + of values whose type is not said");
    }

    Made product() {
        auto left = factor();
        while (left && (sees("*") || sees("/") || sees("//") || sees("%"))) {
            const std::string op = now().text;
            ++at_;
            auto right = factor();
            if (!right) return right;
            for (const auto* side : {&*left, &*right}) {
                if (side->kind == Kind::Text || side->kind == Kind::List)
                    return notTaken(now().line, "\"" + op + "\" of a text or a list");
            }
            left = op == "//" ? made("floor(" + left->text + " / " + right->text + ")", Kind::Number)
                              : made(left->text + " " + op + " " + right->text, Kind::Number);
            left = checked(*left);
        }
        return left;
    }

    Made factor() {
        if (!takes("-")) return postfix();
        if (++depth_ > kMaxDepth) return tooDeep();
        auto operand = factor();
        --depth_;
        if (!operand) return operand;
        return made("-" + operand->text, Kind::Number);
    }

    Made postfix() {
        auto value = atom();
        while (value && (sees(".") || sees("["))) value = takes(".") ? method(*value) : subscript(*value);
        while (value && is_jinja_ && takes("|")) value = filter(*value);
        return value;
    }

    Made filter(const PythonValue& of) {
        if (now().kind != PythonToken::Kind::Name) return unexpected();
        const std::string name = now().text;
        const std::size_t line = now().line;
        ++at_;
        std::vector<PythonValue> all;
        if (takes("(")) {
            auto given = arguments();
            if (!given) return given.error();
            all = std::move(*given);
        }
        if ((name == "default" || name == "d") && all.size() == 1)
            return checked(made(of.text + " ?? " + all[0].text, of.kind));
        if ((name == "default" || name == "d") && all.size() == 2)  // also for what is empty
            return checked(made(of.text + " ? " + of.text + " : " + all[0].text, of.kind));
        if (name == "join" && all.empty()) all.push_back({"\"\"", Kind::Text, {}});
        struct Filter {
            const char* name;
            std::size_t count;
            const char* ours;
            Kind kind;
        };
        static constexpr std::array kFilters = {
            Filter{"upper", 0, "upper", Kind::Text},     Filter{"lower", 0, "lower", Kind::Text},
            Filter{"trim", 0, "trim", Kind::Text},       Filter{"length", 0, "length", Kind::Number},
            Filter{"count", 0, "length", Kind::Number},  Filter{"first", 0, "first", Kind::Unknown},
            Filter{"last", 0, "last", Kind::Unknown},    Filter{"join", 1, "join", Kind::Text},
            Filter{"replace", 2, "replace", Kind::Text}, Filter{"float", 0, "number", Kind::Number},
            Filter{"string", 0, "text", Kind::Text},     Filter{"abs", 0, "abs", Kind::Number},
            Filter{"round", 1, "round", Kind::Number},   Filter{"sum", 0, "sum", Kind::Number},
            Filter{"sort", 0, "sort", Kind::List},       Filter{"unique", 0, "unique", Kind::List},
            Filter{"reverse", 0, "reverse", Kind::List}, Filter{"max", 0, "max", Kind::Number},
            Filter{"min", 0, "min", Kind::Number}};
        for (const auto& one : kFilters) {
            if (name != one.name || all.size() != one.count) continue;
            std::string call = std::string(one.ours) + "(" + of.text;
            for (const auto& argument : all) call += ", " + argument.text;
            return checked(made(call + ")", one.kind));
        }
        return notTaken(line, "the filter " + name);
    }

    Made subscript(const PythonValue& of) {
        takes("[");
        std::string from = "0";
        if (!sees(":")) {
            auto index = choice();
            if (!index) return index;
            from = index->text;
            if (takes("]")) return checked({of.text + "[" + from + "]", Kind::Unknown, {}});
        }
        if (!takes(":")) return unexpected();
        std::string to;
        if (!sees("]")) {
            auto end = choice();
            if (!end) return end;
            to = ", " + end->text;
        }
        if (!takes("]")) return unexpected();
        return checked(made("slice(" + of.text + ", " + from + to + ")", of.kind));
    }

    Result<std::vector<PythonValue>> arguments() {
        std::vector<PythonValue> out;
        while (!takes(")")) {
            if (out.size() > kMaxArguments) return tooLong();
            if (!out.empty() && !takes(",")) return unexpected();
            if (takes(")")) break;
            auto one = choice();
            if (!one) return one.error();
            out.push_back(*one);
        }
        return out;
    }

    Made method(const PythonValue& of) {
        if (now().kind != PythonToken::Kind::Name) return unexpected();
        const std::string name = now().text;
        const std::size_t line = now().line;
        ++at_;
        if (is_jinja_ && !sees("(")) return checked({of.text + "[" + literal(name) + "]", Kind::Unknown, {}});
        if (!takes("(")) return notTaken(line, "the attribute \"" + name + "\"");
        auto given = arguments();
        if (!given) return given.error();
        const auto& all = *given;
        struct Method {
            const char* name;
            std::size_t count;
            const char* ours;
            Kind kind;
        };
        static constexpr std::array kMethods = {Method{"upper", 0, "upper", Kind::Text},
                                                Method{"lower", 0, "lower", Kind::Text},
                                                Method{"strip", 0, "trim", Kind::Text},
                                                Method{"split", 1, "split", Kind::List},
                                                Method{"replace", 2, "replace", Kind::Text},
                                                Method{"startswith", 1, "starts_with", Kind::Unknown},
                                                Method{"endswith", 1, "ends_with", Kind::Unknown}};
        if (name == "join" && all.size() == 1)
            return checked(made("join(" + all[0].text + ", " + of.text + ")", Kind::Text));
        if (name == "get" && (all.size() == 1 || all.size() == 2)) {
            const std::string member = of.text + "[" + all[0].text + "]";
            return checked(made(all.size() == 1 ? member : member + " ?? " + all[1].text, Kind::Unknown));
        }
        for (const auto& one : kMethods) {
            if (name != one.name || all.size() != one.count) continue;
            std::string call = std::string(one.ours) + "(" + of.text;
            for (const auto& argument : all) call += ", " + argument.text;
            return checked(made(call + ")", one.kind));
        }
        return notTaken(line, "the method " + name);
    }

    Made call(const std::string& name, std::size_t line) {
        takes("(");
        auto given = arguments();
        if (!given) return given.error();
        const auto& all = *given;
        std::string list;
        for (const auto& one : all) list += (list.empty() ? "" : ", ") + one.text;
        const bool is_one = all.size() == 1;
        const bool is_plain = is_one && all[0].kind != Kind::List && all[0].kind != Kind::Object;
        if (name == "str" && is_plain) return checked(made("text(" + list + ")", Kind::Text));
        if (name == "len" && is_one) return checked(made("length(" + list + ")", Kind::Number));
        if (name == "float" && is_one) return checked(made("number(" + list + ")", Kind::Number));
        if (name == "int" && is_one) {
            const std::string number = "number(" + list + ")";
            return checked(
                made(number + " < 0 ? ceil(" + number + ") : floor(" + number + ")", Kind::Number));
        }
        if (name == "abs" && is_one) return checked(made("abs(" + list + ")", Kind::Number));
        if (name == "round" && all.size() == 2) return checked(made("round(" + list + ")", Kind::Number));
        if ((name == "min" || name == "max") && !all.empty())
            return checked(made(name + "(" + list + ")", Kind::Number));
        if (name == "sum" && is_one) return checked(made("sum(" + list + ")", Kind::Number));
        if (name == "sorted" && is_one) return checked(made("sort(" + list + ")", Kind::List));
        if (name == "list" && is_one && all[0].kind == Kind::List) return all[0];
        if (name == "bool" && is_one) return made("not not " + list, Kind::Unknown);
        return notTaken(line, "the function " + name);
    }

    Made atom() {
        const PythonToken token = now();
        if (token.kind == PythonToken::Kind::Number) {
            ++at_;
            return PythonValue{token.text, Kind::Number, {}};
        }
        if (token.kind == PythonToken::Kind::Text || token.kind == PythonToken::Kind::Format) return texts();
        if (token.kind == PythonToken::Kind::Name) return named();
        if (takes("(")) {
            auto inner = choice();
            if (inner && !takes(")")) return unexpected();
            return inner;
        }
        if (sees("[")) return list();
        if (sees("{")) return object();
        return unexpected();
    }

    Made named() {
        const PythonToken token = now();
        ++at_;
        if (sees("(")) return call(token.text, token.line);
        if (token.text == "True" || token.text == "False")
            return PythonValue{token.text == "True" ? "true" : "false", Kind::Unknown, {}};
        if (token.text == "None") return PythonValue{"null", Kind::Unknown, {}};
        if (is_jinja_ && (token.text == "true" || token.text == "false"))
            return PythonValue{token.text, Kind::Unknown, {}};
        if (is_jinja_ && token.text == "none") return PythonValue{"null", Kind::Unknown, {}};
        const auto found = names_.find(token.text);
        if (found == names_.end()) return notTaken(token.line, "the name " + token.text);
        return found->second;
    }

    // Texts beside each other are one.
    Made texts() {
        std::string out;
        const auto add = [&](const std::string& part) { out += (out.empty() ? "" : " ~ ") + part; };
        std::string plain;
        while (now().kind == PythonToken::Kind::Text || now().kind == PythonToken::Kind::Format) {
            if (now().kind == PythonToken::Kind::Text) {
                plain += now().text;
                ++at_;
                continue;
            }
            auto parts = formatParts(now());
            if (!parts) return parts.error();
            for (const auto& [text, is_code] : *parts) {
                if (!is_code) {
                    plain += text;
                    continue;
                }
                auto tokens = pythonTokens(text, now().line);
                if (!tokens) return tokens.error();
                auto value = Reader(*tokens, names_, Kind::Unknown).whole();
                if (!value) return value;
                if (value->kind == Kind::List || value->kind == Kind::Object)
                    return notTaken(now().line, "a list or an object in an f-string");
                if (!plain.empty()) add(literal(plain));
                plain.clear();
                add(value->text);
                if (out.size() > kMaxText) return tooLong();
            }
            ++at_;
        }
        if (out.empty()) return PythonValue{literal(plain), Kind::Text, {}};
        if (!plain.empty()) add(literal(plain));
        if (out.find(" ~ ") == std::string::npos) out = "text(" + out + ")";
        return checked(made(out, Kind::Text));
    }

    Made list() {
        takes("[");
        std::string out;
        while (!takes("]")) {
            if (out.size() > kMaxText) return tooLong();
            if (!out.empty() && !takes(",")) return unexpected();
            if (takes("]")) break;
            auto one = choice();
            if (!one) return one;
            out += (out.empty() ? "" : ", ") + one->text;
        }
        return checked({"[" + out + "]", Kind::List, {}});
    }

    // With spaces, so that two braces are never the end of a template.
    Made object() {
        takes("{");
        PythonValue out{"", Kind::Object, {}};
        while (!takes("}")) {
            if (out.text.size() > kMaxText) return tooLong();
            if (!out.members.empty() && !takes(",")) return unexpected();
            if (takes("}")) break;
            if (now().kind != PythonToken::Kind::Text) return unexpected();
            const std::string key = now().text;
            ++at_;
            if (!takes(":")) return unexpected();
            auto one = choice();
            if (!one) return one;
            out.text += (out.text.empty() ? "" : ", ") + literal(key) + ": " + one->text;
            out.members.emplace_back(key, *one);
        }
        out.text = out.text.empty() ? "{ }" : "{ " + out.text + " }";
        return checked(std::move(out));
    }

    const std::vector<PythonToken>& tokens_;
    const std::map<std::string, PythonValue>& names_;
    const Kind hint_;
    const bool is_jinja_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

using Tokens = std::vector<PythonToken>;

bool isName(const Tokens& line, std::size_t at, std::string_view name) {
    return at < line.size() && line[at].kind == PythonToken::Kind::Name && line[at].text == name;
}
bool isSymbol(const Tokens& line, std::size_t at, std::string_view symbol) {
    return at < line.size() && line[at].kind == PythonToken::Kind::Symbol && line[at].text == symbol;
}

Kind annotated(std::string_view type) {
    if (type == "str") return Kind::Text;
    if (type == "int" || type == "float") return Kind::Number;
    return type == "list" || type == "List" ? Kind::List : Kind::Unknown;
}

// `def main(a: str, b) -> dict:` → the names that its body may read; `end` is behind the colon.
Result<std::map<std::string, PythonValue>> readHead(const Tokens& line, const PythonFunction& function,
                                                    std::size_t& end) {
    std::map<std::string, PythonValue> names;
    std::size_t at = 3;
    while (!isSymbol(line, at, ")")) {
        if (at >= line.size() || line[at].kind != PythonToken::Kind::Name)
            return notTaken(line.front().line, "the parameters of main");
        const auto known = function.arguments.find(line[at].text);
        PythonValue value =
            known == function.arguments.end() ? PythonValue{"null", Kind::Unknown, {}} : known->second;
        const std::string name = line[at++].text;
        if (isSymbol(line, at, ":") && at + 1 < line.size()) {
            const Kind said = annotated(line[at + 1].text);
            if (said != Kind::Unknown) value.kind = said;
        }
        names[name] = std::move(value);
        int depth = 0;
        for (; at < line.size(); ++at) {
            if (isSymbol(line, at, "[") || isSymbol(line, at, "(")) ++depth;
            if (depth == 0 && (isSymbol(line, at, ",") || isSymbol(line, at, ")"))) break;
            if (depth == 0 && isSymbol(line, at, "="))
                return notTaken(line.front().line, "a parameter with a value of its own");
            if (isSymbol(line, at, "]") || isSymbol(line, at, ")")) --depth;
        }
        if (isSymbol(line, at, ",")) ++at;
    }
    while (at < line.size() && !isSymbol(line, at, ":")) ++at;
    end = at + 1;
    return names;
}

Tokens tail(const Tokens& line, std::size_t from) {
    return {line.begin() + static_cast<std::ptrdiff_t>(from), line.end()};
}

// Each member with what it is declared to be, so that `a + b` is clear.
Result<std::vector<std::pair<std::string, PythonValue>>> readReturn(
    const Tokens& line, const std::map<std::string, PythonValue>& names, const PythonFunction& function) {
    std::optional<Kind> hint;
    for (const auto& [name, kind] : function.results) {
        if (hint && *hint != kind) hint = Kind::Unknown;
        if (!hint) hint = kind;
    }
    auto value = Reader(line, names, hint.value_or(Kind::Unknown)).whole();
    if (!value) return value.error();
    if (value->kind != Kind::Object || value->members.empty())
        return notTaken(line.front().line, "a return of something else than an object that is written out");
    return value->members;
}

}  // namespace

Result<std::vector<std::pair<std::string, PythonValue>>> readPython(const PythonFunction& function) {
    const auto lines = pythonLines(function.code);
    if (!lines) return lines.error();
    std::map<std::string, PythonValue> names;
    bool is_inside = false;
    for (Tokens line : *lines) {
        if (line.size() < 2) continue;
        if (!is_inside && (isName(line, 0, "import") || isName(line, 0, "from"))) continue;
        if (!is_inside) {
            if (!isName(line, 0, "def") || !isName(line, 1, "main") || !isSymbol(line, 2, "("))
                return notTaken(line.front().line, "something before main");
            std::size_t end = 0;
            auto read = readHead(line, function, end);
            if (!read) return read.error();
            names = std::move(*read);
            is_inside = true;
            if (end + 1 >= line.size()) continue;
            line = tail(line, end);
        }
        if (isName(line, 0, "return")) return readReturn(tail(line, 1), names, function);
        if (line.size() == 2 && line[0].kind == PythonToken::Kind::Text) continue;  // it explains itself
        std::size_t equals = 1;
        if (isSymbol(line, 1, ":"))  // name: type = value
            while (equals < line.size() && !isSymbol(line, equals, "=")) ++equals;
        if (line[0].kind != PythonToken::Kind::Name || !isSymbol(line, equals, "="))
            return notTaken(line.front().line, "\"" + line.front().text + "\"");
        auto value = Reader(tail(line, equals + 1), names, Kind::Unknown).whole();
        if (!value) return value.error();
        names[line[0].text] = *value;
    }
    return notTaken(1, "a function without a return");
}

Result<PythonValue> readJinjaExpression(std::string_view code, std::size_t line,
                                        const std::map<std::string, PythonValue>& names) {
    const auto tokens = pythonTokens(code, line);
    if (!tokens) return tokens.error();
    return Reader(*tokens, names, Kind::Unknown, true).whole();
}

}  // namespace signalbox::workflow
