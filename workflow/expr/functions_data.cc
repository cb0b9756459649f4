#include "base/clock.h"
#include "workflow/expr/date_format.h"
#include "workflow/expr/expression.h"
#include "workflow/expr/function.h"

namespace signalbox::workflow::expr {
namespace {

Json fallback(Arguments& in) {
    const Json& value = in.at(0);
    const bool is_empty =
        value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty());
    return is_empty ? in.at(1) : value;
}

Json text(Arguments& in) {
    return in.budget().chargeDeep(in.at(0)) ? Json(textOf(in.at(0))) : Json();
}
Json json(Arguments& in) {
    return in.budget().chargeDeep(in.at(0)) ? Json(dumpJson(in.at(0))) : Json();
}

Json parsed(Arguments& in) {
    // A value takes far more memory than its text.
    if (!in.budget().chargeTop(in.at(0)) || !in.budget().chargeTop(in.at(0))) return nullptr;
    auto value = parseJson(in.text(0));
    return value ? std::move(*value) : in.fail(value.error().message);
}

Json boolean(Arguments& in) {
    return isTruthy(in.at(0));
}

// A moment: RFC 3339 text, or seconds (milliseconds from 10^11 on) since 1970.
TimePoint moment(Arguments& in) {
    const Json& value = in.at(0);
    if (value.is_string()) {
        if (const auto time = parseRfc3339(value.get_ref<const std::string&>())) return *time;
        in.fail("takes a time such as 2026-01-05T09:00:00Z");
        return {};
    }
    const double number = in.number(0);
    const double seconds = number >= 1e11 || number <= -1e11 ? number / 1000 : number;
    if (seconds > kLastSecond || seconds < kFirstSecond) {
        in.fail("takes a time between the years 1 and 9999");
        return {};
    }
    return fromMicros(static_cast<std::int64_t>(seconds * 1e6));
}

Json date(Arguments& in) {
    const TimePoint time = moment(in);
    if (in.fault()) return nullptr;
    if (in.count() == 1) return toRfc3339(time);
    auto written = formatDate(time, in.text(1));
    return written ? Json(std::move(*written)) : in.fail(written.error().message);
}

Json dateAdd(Arguments& in) {
    static constexpr std::pair<std::string_view, double> kUnits[] = {
        {"seconds", 1}, {"minutes", 60}, {"hours", 3600}, {"days", 86400}, {"weeks", 604800}};
    const std::string unit = in.count() > 2 ? in.text(2) : "seconds";
    const double amount = in.number(1);
    for (const auto& [name, seconds] : kUnits) {
        if (name != unit) continue;
        const double sum = static_cast<double>(toMicros(moment(in))) / 1e6 + amount * seconds;
        if (sum > kLastSecond || sum < kFirstSecond) return in.fail("leaves the years 1 to 9999");
        return toRfc3339(moment(in) +
                         std::chrono::microseconds(static_cast<std::int64_t>(amount * seconds * 1e6)));
    }
    return in.fail("takes seconds, minutes, hours, days or weeks, not " + unit.substr(0, 32));
}

Json timestamp(Arguments& in) {
    return numberJson(static_cast<double>(toMicros(moment(in))) / 1e6).value_or(nullptr);
}

constexpr Function kFunctions[] = {
    {"default", 2, 2, false, &fallback}, {"text", 1, 1, false, &text},          {"json", 1, 1, false, &json},
    {"parse_json", 1, 1, true, &parsed}, {"boolean", 1, 1, false, &boolean},    {"date", 1, 2, true, &date},
    {"date_add", 2, 3, true, &dateAdd},  {"timestamp", 1, 1, true, &timestamp},
};

}  // namespace

std::span<const Function> dataFunctions() {
    return kFunctions;
}

}  // namespace signalbox::workflow::expr
