#include "workflow/expr/operators.h"

#include <algorithm>
#include <cmath>

namespace signalbox::workflow::expr {
namespace {

using Number = std::variant<Json, Fault>;
using Verdict = std::variant<bool, Fault>;

const char* symbolOf(Operator op) {
    constexpr const char* kSymbols[] = {
        "+",  "-", "*",  "/",  "%",        "~",           "==",        "!=",     "<",
        "<=", ">", ">=", "in", "contains", "starts_with", "ends_with", "matches"};
    return kSymbols[static_cast<int>(op)];
}

Number floating(double value) {
    if (auto number = numberJson(value)) return std::move(*number);
    return Fault{"the result is too large for a number"};
}

// Nothing when it does not fit, or does not come out even.
std::optional<std::int64_t> exactly(Operator op, std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    if (op == Operator::Add && !__builtin_add_overflow(a, b, &out)) return out;
    if (op == Operator::Subtract && !__builtin_sub_overflow(a, b, &out)) return out;
    if (op == Operator::Multiply && !__builtin_mul_overflow(a, b, &out)) return out;
    if (b == -1) return op == Operator::Modulo ? std::optional<std::int64_t>(0) : std::nullopt;
    if (op == Operator::Divide && a % b == 0) return a / b;
    // The sign of the divisor, as in Lua: -1 % 7 is 6.
    if (op == Operator::Modulo) return a % b + (a % b != 0 && (a % b < 0) != (b < 0) ? b : 0);
    return std::nullopt;
}

double roughly(Operator op, double a, double b) {
    if (op == Operator::Add) return a + b;
    if (op == Operator::Subtract) return a - b;
    if (op == Operator::Multiply) return a * b;
    return op == Operator::Divide ? a / b : a - b * std::floor(a / b);
}

Fault notNumbers(Operator op, const Json& left, const Json& right) {
    const bool has_null = left.is_null() || right.is_null();
    const bool has_text = left.is_string() || right.is_string();
    const char* remedy = has_null                          ? "; give missing values a default: x ?? 0"
                         : op == Operator::Add && has_text ? "; text is joined with ~"
                         : has_text                        ? "; convert text with number(x)"
                                                           : "";
    return Fault{std::string(symbolOf(op)) + " takes two numbers, not " + typeName(left) + " and " +
                 typeName(right) + remedy};
}

Verdict orders(Operator op, const Json& left, const Json& right) {
    if (left.is_null() || right.is_null()) return false;
    const auto compared = order(left, right);
    if (!compared)
        return Fault{std::string("cannot order ") + typeName(left) + " and " + typeName(right) +
                     "; convert with number(x) or text(x)"};
    if (op == Operator::Less) return *compared < 0;
    if (op == Operator::LessEqual) return *compared <= 0;
    return op == Operator::Greater ? *compared > 0 : *compared >= 0;
}

Verdict holds(const Json& whole, const Json& part, const char* word) {
    if (whole.is_null()) return false;
    if (whole.is_array())
        return std::any_of(whole.begin(), whole.end(),
                           [&](const Json& each) { return areEqual(each, part); });
    if (part.is_null()) return false;
    if (whole.is_object() && part.is_string()) return whole.contains(part.get_ref<const std::string&>());
    if (whole.is_string() && part.is_string())
        return whole.get_ref<const std::string&>().find(part.get_ref<const std::string&>()) !=
               std::string::npos;
    return Fault{std::string(word) +
                 " looks for text in text, a value in a list or a key in an object, not for " +
                 typeName(part) + " in " + typeName(whole) + "; convert with text(x)"};
}

Verdict matches(const std::string& text, const Pattern& pattern, Budget& budget) {
    return budget.charge(pattern.costOn(text)) && pattern.isFoundIn(text);
}

Verdict matches(const std::string& text, const std::string& source, Budget& budget) {
    if (!budget.charge(kCompileCost)) return false;
    const auto compiled = Pattern::compile(source);
    if (!compiled) return Fault{compiled.error().message};
    return matches(text, **compiled, budget);
}

}  // namespace

std::variant<Json, Fault> arithmetic(Operator op, const Json& left, const Json& right) {
    if (!left.is_number() || !right.is_number()) return notNumbers(op, left, right);
    const bool divides = op == Operator::Divide || op == Operator::Modulo;
    if (divides && right.get<double>() == 0)
        return Fault{"division by zero; test the divisor first: b == 0 ? 0 : a / b"};
    const auto a = wholeOf(left), b = wholeOf(right);
    if (a && b)
        if (const auto whole = exactly(op, *a, *b)) return Json(*whole);
    return floating(roughly(op, left.get<double>(), right.get<double>()));
}

std::variant<bool, Fault> compare(Operator op, const Json& left, const Json& right, const Pattern* pattern,
                                  Budget& budget) {
    if (op == Operator::Equal) return areEqual(left, right);
    if (op == Operator::NotEqual) return !areEqual(left, right);
    if (op <= Operator::GreaterEqual) return orders(op, left, right);
    if (op == Operator::In) return holds(right, left, "in");
    if (op == Operator::Contains) return holds(left, right, "contains");
    if (left.is_null() || right.is_null()) return false;
    if (!left.is_string() || !right.is_string())
        return Fault{std::string(symbolOf(op)) + " takes two texts, not " + typeName(left) + " and " +
                     typeName(right) + "; convert with text(x)"};
    const auto& text = left.get_ref<const std::string&>();
    const auto& other = right.get_ref<const std::string&>();
    if (op == Operator::StartsWith) return text.starts_with(other);
    if (op == Operator::EndsWith) return text.ends_with(other);
    return pattern != nullptr ? matches(text, *pattern, budget) : matches(text, other, budget);
}

}  // namespace signalbox::workflow::expr
