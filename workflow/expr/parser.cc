#include "workflow/expr/parser.h"

#include <algorithm>
#include <initializer_list>
#include <map>

#include "workflow/expr/unicode.h"

namespace signalbox::workflow::expr {
namespace {

using Node = Expression::Node;
using MutableNode = std::shared_ptr<Node>;
using Parsed = Result<NodePtr>;

struct Infix {
    std::string_view word;
    Operator meaning;
};
constexpr Infix kComparisons[] = {{"==", Operator::Equal},
                                  {"!=", Operator::NotEqual},
                                  {"<", Operator::Less},
                                  {"<=", Operator::LessEqual},
                                  {">", Operator::Greater},
                                  {">=", Operator::GreaterEqual},
                                  {"in", Operator::In},
                                  {"contains", Operator::Contains},
                                  {"starts_with", Operator::StartsWith},
                                  {"ends_with", Operator::EndsWith},
                                  {"matches", Operator::Matches}};
constexpr Infix kConcat[] = {{"~", Operator::Concat}};
constexpr Infix kSums[] = {{"+", Operator::Add}, {"-", Operator::Subtract}};
constexpr Infix kProducts[] = {{"*", Operator::Multiply}, {"/", Operator::Divide}, {"%", Operator::Modulo}};

MutableNode makeNode(NodeKind kind, Position at, std::vector<NodePtr> children = {}) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->at = at;
    for (const auto& child : children) node->height = std::max(node->height, child->height + 1);
    node->children = std::move(children);
    return node;
}

MutableNode makeLiteral(Position at, Json value) {
    auto node = makeNode(NodeKind::Literal, at);
    node->literal = std::move(value);
    return node;
}

class Parser {
public:
    explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    Parsed run() {
        if (now().kind == TokenKind::End)
            return errorAt(now().at, "the expression is empty; write a name, a value or a call");
        auto root = choice();
        if (!root) return root;
        if (now().kind != TokenKind::End) return leftOver();
        return root;
    }

private:
    // ---- tokens ----
    const Token& now() const { return tokens_[next_]; }
    const Token& following() const { return tokens_[std::min(next_ + 1, tokens_.size() - 1)]; }
    Token take() { return tokens_[next_ + 1 < tokens_.size() ? next_++ : next_]; }
    bool sees(std::string_view word) const {
        return (now().kind == TokenKind::Symbol || now().kind == TokenKind::Name) && now().word == word;
    }
    bool takes(std::string_view word) {
        if (!sees(word)) return false;
        take();
        return true;
    }
    static std::string shown(const Token& token) {
        if (token.kind == TokenKind::End) return "the end";
        if (token.kind == TokenKind::Text) return "a text";
        return token.kind == TokenKind::Number ? "a number" : token.word;
    }
    Error expected(const std::string& what) const {
        return errorAt(now().at, "expected " + what + ", not " + shown(now()));
    }
    // What other languages put between two values.
    static std::optional<std::string_view> usualOperator(std::string_view word) {
        static constexpr std::pair<std::string_view, std::string_view> kUsual[] = {
            {"AND", "and"},
            {"OR", "or"},
            {"NOT", "not"},
            {"IN", "in"},
            {"is", "== null, == '' or not x"},
            {"IS", "== null, == '' or not x"},
            {"if", "condition ? a : b"},
            {"eq", "=="},
            {"equals", "=="},
            {"ne", "!="},
            {"gt", ">"},
            {"gte", ">="},
            {"ge", ">="},
            {"lt", "<"},
            {"lte", "<="},
            {"le", "<="},
            {"like", "contains or matches"},
            {"LIKE", "contains or matches"}};
        for (const auto& [theirs, ours] : kUsual)
            if (theirs == word) return ours;
        return meantByFunction(word);
    }
    Error leftOver() const {
        if (sees("(")) return errorAt(now().at, "only functions are called: length(x) or x | length");
        for (const auto& infix : kComparisons)
            if (sees(infix.word))
                return errorAt(now().at, "comparisons do not chain; join them with and, or use parentheses");
        if (const auto meant = now().kind == TokenKind::Name ? usualOperator(now().word) : std::nullopt)
            return errorAt(now().at, "unexpected " + now().word + "; write " + std::string(*meant));
        return errorAt(now().at, "unexpected " + shown(now()) + "; an operator such as == or and is missing");
    }

    // ---- depth: what nests, in the text and in the tree ----
    class Level {
    public:
        explicit Level(unsigned& depth) : depth_(depth) { ++depth_; }
        ~Level() { --depth_; }
        bool isTooDeep() const { return depth_ > kMaxDepth; }

    private:
        unsigned& depth_;
    };
    static Error tooDeep(Position at) {
        return errorAt(at, "nested deeper than 64; split the expression over several nodes");
    }
    static Parsed checked(MutableNode node) {
        if (node->height > kMaxDepth) return tooDeep(node->at);
        return NodePtr(std::move(node));
    }

    // ---- precedence, from the loosest to the tightest ----
    Parsed choice() {
        const Level level(depth_);
        if (level.isTooDeep()) return tooDeep(now().at);
        auto condition = anyOf();
        if (!condition || !sees("?")) return condition;
        const Position at = take().at;
        auto yes = choice();
        if (!yes) return yes;
        if (!takes(":")) return expected("`:` and the value for no");
        auto no = choice();
        if (!no) return no;
        return checked(makeNode(NodeKind::Choice, at, {*condition, *yes, *no}));
    }

    Parsed anyOf() { return logical("or", NodeKind::Or, &Parser::allOf); }
    Parsed allOf() { return logical("and", NodeKind::And, &Parser::negation); }

    Parsed logical(std::string_view word, NodeKind kind, Parsed (Parser::*operand)()) {
        const Position at = now().at;
        auto first = (this->*operand)();
        if (!first || !sees(word)) return first;
        std::vector<NodePtr> all{*first};
        while (takes(word)) {
            auto another = (this->*operand)();
            if (!another) return another;
            all.push_back(*another);
        }
        return checked(makeNode(kind, at, std::move(all)));
    }

    Parsed negation() {
        if (!sees("not")) return comparison();
        const Level level(depth_);
        if (level.isTooDeep()) return tooDeep(now().at);
        const Position at = take().at;
        auto operand = negation();
        if (!operand) return operand;
        return checked(makeNode(NodeKind::Not, at, {*operand}));
    }

    Parsed comparison() {
        auto left = concat();
        if (!left) return left;
        const bool is_negated = sees("not");
        const Position at = now().at;
        if (is_negated) take();
        const auto* infix = findInfix(kComparisons);
        if (infix == nullptr) return is_negated ? Parsed(expected("in, contains or matches")) : left;
        if (is_negated && infix->meaning <= Operator::GreaterEqual)
            return errorAt(at, "not stands before in, contains, starts_with, ends_with and matches only");
        const Position place = take().at;
        auto right = concat();
        if (!right) return right;
        auto node = makeNode(NodeKind::Comparison, place, {*left, *right});
        node->operators.push_back(infix->meaning);
        if (auto status = compilePattern(*node); !status) return status.error();
        if (!is_negated) return checked(std::move(node));
        return checked(makeNode(NodeKind::Not, at, {std::move(node)}));
    }

    // A pattern that is written out is compiled once, and its faults are found before the first run.
    static Status compilePattern(Node& node) {
        const auto& right = *node.children[1];
        if (node.operators[0] != Operator::Matches || right.kind != NodeKind::Literal) return Done{};
        if (!right.literal.is_string()) return errorAt(right.at, "matches takes a pattern in quotes");
        auto pattern = Pattern::compile(right.literal.get_ref<const std::string&>());
        if (!pattern) return errorAt(right.at, pattern.error().message);
        node.pattern = *pattern;
        return Done{};
    }

    Parsed concat() { return chain(kConcat, &Parser::sum); }
    Parsed sum() { return chain(kSums, &Parser::product); }
    Parsed product() { return chain(kProducts, &Parser::fallback); }

    Parsed chain(std::span<const Infix> infixes, Parsed (Parser::*operand)()) {
        auto first = (this->*operand)();
        if (!first || findInfix(infixes) == nullptr) return first;
        auto node = makeNode(NodeKind::Chain, (*first)->at, {*first});
        while (const auto* infix = findInfix(infixes)) {
            node->places.push_back(take().at);
            node->operators.push_back(infix->meaning);
            auto another = (this->*operand)();
            if (!another) return another;
            node->height = std::max(node->height, (*another)->height + 1);
            node->children.push_back(*another);
        }
        return checked(std::move(node));
    }

    const Infix* findInfix(std::span<const Infix> infixes) const {
        for (const auto& infix : infixes)
            if (sees(infix.word)) return &infix;
        return nullptr;
    }

    Parsed fallback() {
        auto first = filtered();
        if (!first || !sees("??")) return first;
        std::vector<NodePtr> all{*first};
        const Position at = now().at;
        while (takes("??")) {
            auto another = filtered();
            if (!another) return another;
            all.push_back(*another);
        }
        return checked(makeNode(NodeKind::Default, at, std::move(all)));
    }

    Parsed filtered() {
        auto value = negative();
        while (value && takes("|")) {
            if (now().kind != TokenKind::Name) return expected("a filter such as lower after |");
            const Token name = take();
            std::vector<NodePtr> arguments{*value};
            if (sees("(")) {
                if (auto status = readArguments(name, arguments); !status) return status.error();
            }
            value = call(name, std::move(arguments));
        }
        return value;
    }

    // `!a == b` is `(not a) == b`, as wherever `!` is written.
    Parsed negative() {
        if (!sees("-") && !sees("!")) return member();
        const auto kind = sees("-") ? NodeKind::Negate : NodeKind::Not;
        const Level level(depth_);
        if (level.isTooDeep()) return tooDeep(now().at);
        const Position at = take().at;
        auto operand = negative();
        if (!operand) return operand;
        return checked(makeNode(kind, at, {*operand}));
    }

    Parsed member() {
        const Position at = now().at;
        auto base = primary();
        if (!base || (!sees(".") && !sees("["))) return base;
        std::vector<NodePtr> steps{*base};
        while (sees(".") || sees("[")) {
            auto step = takes(".") ? dotStep() : bracketStep();
            if (!step) return step;
            steps.push_back(*step);
        }
        if (sees("(")) return errorAt(now().at, "values have no methods; write x | lower or lower(x)");
        return checked(makeNode(NodeKind::Member, at, std::move(steps)));
    }

    Parsed dotStep() {
        if (now().kind == TokenKind::Name) {
            const Token name = take();
            return NodePtr(makeLiteral(name.at, name.word));
        }
        if (now().kind == TokenKind::Number) return errorAt(now().at, "an element is written [0], not .0");
        return expected("a name after .");
    }

    Parsed bracketStep() {
        take();
        auto key = choice();
        if (key && !takes("]")) return expected("]");
        return key;
    }

    // ---- values ----
    Parsed primary() {
        const Token& token = now();
        if (token.kind == TokenKind::Number) return NodePtr(makeLiteral(token.at, take().number));
        if (token.kind == TokenKind::Text) return NodePtr(makeLiteral(token.at, take().word));
        if (token.kind == TokenKind::Name) return named();
        if (sees("(")) return group();
        if (sees("[")) return list();
        if (sees("{")) return object();
        return expected("a value, a name or a call");
    }

    Parsed named() {
        const Token name = take();
        if (sees("(")) {
            std::vector<NodePtr> arguments;
            if (auto status = readArguments(name, arguments); !status) return status.error();
            return call(name, std::move(arguments));
        }
        static const std::map<std::string_view, Json> kConstants = {
            {"true", true}, {"false", false}, {"null", nullptr}};
        if (const auto found = kConstants.find(name.word); found != kConstants.end())
            return NodePtr(makeLiteral(name.at, found->second));
        if (isReserved(name.word))
            return errorAt(name.at, "expected a value before " + name.word +
                                        "; a member of that name is written x." + name.word);
        auto node = makeNode(NodeKind::Name, name.at);
        node->name = name.word;
        return NodePtr(std::move(node));
    }

    static bool isReserved(std::string_view word) {
        if (word == "and" || word == "or" || word == "not") return true;
        return std::any_of(std::begin(kComparisons), std::end(kComparisons),
                           [&](const Infix& infix) { return infix.word == word; });
    }

    Parsed group() {
        take();
        auto inner = choice();
        if (inner && !takes(")")) return expected(")");
        return inner;
    }

    Parsed list() {
        const Position at = take().at;
        std::vector<NodePtr> elements;
        while (!takes("]")) {
            if (!elements.empty() && !takes(",")) return expected(", or ] in the list");
            auto element = choice();
            if (!element) return element;
            elements.push_back(*element);
        }
        return checked(makeNode(NodeKind::List, at, std::move(elements)));
    }

    Parsed object() {
        const Position at = take().at;
        std::vector<std::string> keys;
        std::vector<NodePtr> members;
        while (!takes("}")) {
            if (!members.empty() && !takes(",")) return expected(", or } in the object");
            if (now().kind != TokenKind::Name && now().kind != TokenKind::Text)
                return expected("a key such as name or \"first name\"");
            keys.push_back(take().word);
            if (!takes(":")) return expected(": after the key");
            auto member = choice();
            if (!member) return member;
            members.push_back(*member);
        }
        auto node = makeNode(NodeKind::Object, at, std::move(members));
        node->keys = std::move(keys);
        return checked(std::move(node));
    }

    // ---- calls ----
    Status readArguments(const Token& name, std::vector<NodePtr>& into) {
        take();
        for (bool is_first = true; !takes(")"); is_first = false) {
            if (!is_first && !takes(",")) return expected(") after the arguments of " + name.word);
            auto argument = choice();
            if (!argument) return argument.error();
            into.push_back(*argument);
        }
        return Done{};
    }

    static Parsed call(const Token& name, std::vector<NodePtr> arguments) {
        const auto* function = findFunction(name.word);
        if (function == nullptr) {
            const auto meant = meantByFunction(name.word);
            const auto near = nearestFunction(name.word);
            const std::string hint = meant  ? "; write " + std::string(*meant)
                                     : near ? " (" + std::string(*near) + "?)"
                                            : "; the README lists all";
            return errorAt(name.at, "unknown function " + name.word.substr(0, 64) + hint);
        }
        const auto count = arguments.size();
        if (count < function->min_arguments || count > function->max_arguments)
            return errorAt(name.at, wrongCount(*function, count));
        auto node = makeNode(NodeKind::Call, name.at, std::move(arguments));
        node->function = function;
        return checked(std::move(node));
    }

    static std::string wrongCount(const Function& function, std::size_t count) {
        std::string wanted = std::to_string(function.min_arguments);
        if (function.max_arguments > 99)
            wanted += " or more";
        else if (function.max_arguments != function.min_arguments)
            wanted += " to " + std::to_string(function.max_arguments);
        return std::string(function.name) + " takes " + wanted + " values (the one before | counts), not " +
               std::to_string(count);
    }

    std::vector<Token> tokens_;
    std::size_t next_ = 0;
    unsigned depth_ = 0;
};

}  // namespace

Result<NodePtr> parse(std::string_view text, Position start) {
    if (text.size() > kMaxSource)
        return errorAt(start, "the expression is longer than 16 KiB; split it over several nodes");
    if (!isUtf8(text)) return errorAt(start, "the expression holds bytes that are no UTF-8");
    auto tokens = tokenize(text, start);
    if (!tokens) return tokens.error();
    return Parser(std::move(*tokens)).run();
}

}  // namespace signalbox::workflow::expr
