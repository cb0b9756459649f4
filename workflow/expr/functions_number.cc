#include <cmath>

#include "workflow/expr/function.h"
#include "workflow/expr/operators.h"

namespace signalbox::workflow::expr {
namespace {

Json settled(Arguments& in, double value) {
    auto made = numberJson(value);
    return made ? std::move(*made) : in.fail("the result is too large for a number");
}

// Whole numbers beyond 2^53 would lose digits on the way through a double.
Json rounded(Arguments& in, double (*rounding)(double)) {
    const double value = in.number(0);
    if (in.at(0).is_number() && wholeOf(in.at(0))) return in.at(0);
    return settled(in, rounding(value));
}

Json round(Arguments& in) {
    const auto digits = in.whole(1, 0);
    if (digits < 0 || digits > 15) return in.fail("takes 0 to 15 digits, not " + std::to_string(digits));
    const double value = in.number(0);
    if (in.at(0).is_number() && wholeOf(in.at(0))) return in.at(0);
    const double scale = std::pow(10.0, static_cast<double>(digits));
    const double scaled = value * scale;
    return settled(in, std::isfinite(scaled) ? std::round(scaled) / scale : value);
}
Json floor(Arguments& in) {
    return rounded(in, &std::floor);
}
Json ceil(Arguments& in) {
    return rounded(in, &std::ceil);
}

Json abs(Arguments& in) {
    const double value = in.number(0);
    if (value >= 0) return in.at(0);
    auto made = arithmetic(Operator::Subtract, Json(0), in.at(0));
    return std::holds_alternative<Json>(made) ? std::get<Json>(std::move(made)) : settled(in, -value);
}

// The numbers or texts of a call: those of one list, or the arguments themselves. Nulls are left out.
std::vector<const Json*> candidates(Arguments& in) {
    std::vector<const Json*> out;
    const auto add = [&](const Json& value) {
        if (!value.is_null()) out.push_back(&value);
    };
    if (in.count() == 1) {
        for (const auto& element : in.list(0)) add(element);
        return out;
    }
    for (std::size_t i = 0; i < in.count(); ++i) add(in.at(i));
    return out;
}

Json extreme(Arguments& in, int wanted) {
    const Json* best = nullptr;
    for (const Json* each : candidates(in)) {
        const auto compared = order(*each, best == nullptr ? *each : *best);
        if (!compared) return in.fail("takes only numbers or only texts; convert with number(x)");
        if (best == nullptr || *compared == wanted) best = each;
    }
    return best == nullptr ? Json(nullptr) : *best;
}
Json min(Arguments& in) {
    return extreme(in, -1);
}
Json max(Arguments& in) {
    return extreme(in, 1);
}

Json sum(Arguments& in) {
    Json total = 0;
    for (const Json* each : candidates(in)) {
        auto next = arithmetic(Operator::Add, total, *each);
        if (const auto* fault = std::get_if<Fault>(&next)) return in.fail(fault->why);
        total = std::get<Json>(std::move(next));
    }
    return total;
}

Json number(Arguments& in) {
    const Json& value = in.at(0);
    if (value.is_number()) return value;
    if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
    if (!value.is_string()) return nullptr;
    auto made = parseNumber(value.get_ref<const std::string&>());
    return made ? std::move(*made) : Json(nullptr);
}

constexpr std::size_t kMany = 100;
constexpr Function kFunctions[] = {
    {"round", 1, 2, true, &round},  {"floor", 1, 1, true, &floor},   {"ceil", 1, 1, true, &ceil},
    {"abs", 1, 1, true, &abs},      {"min", 1, kMany, false, &min},  {"max", 1, kMany, false, &max},
    {"sum", 1, kMany, false, &sum}, {"number", 1, 1, true, &number},
};

}  // namespace

std::span<const Function> numberFunctions() {
    return kFunctions;
}

}  // namespace signalbox::workflow::expr
