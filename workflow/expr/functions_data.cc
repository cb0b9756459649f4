#include "base/clock.h"
#include "workflow/expr/date_format.h"
#include "workflow/expr/expression.h"
#include "workflow/expr/function.h"
#include "workflow/expr/unicode.h"

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

// A text says it, as forms and spreadsheets do; else whether it counts as true.
Json boolean(Arguments& in) {
    const std::string said = in.at(0).is_string() ? toLower(in.text(0)) : "";
    for (const char* no : {"false", "no", "off", "0"})
        if (said == no) return false;
    return isTruthy(in.at(0));
}

// A day, or a time without an offset, is UTC's.
std::optional<TimePoint> readTime(std::string text) {
    if (const auto time = parseRfc3339(text)) return time;
    constexpr std::size_t kDay = 10, kMinutes = 16, kSeconds = 19;  // 2026-01-05T09:07:03
    if (text.size() == kDay) text += "T00:00";
    if (text.size() > kDay && text[kDay] == ' ') text[kDay] = 'T';
    if (text.size() == kMinutes) text += ":00";
    if (text.size() < kSeconds) return std::nullopt;
    return parseRfc3339(text + "Z");
}

// A moment: RFC 3339 text, or seconds (milliseconds from 10^11 on) since 1970.
TimePoint moment(Arguments& in) {
    const Json& value = in.at(0);
    if (value.is_string()) {
        if (const auto time = readTime(value.get<std::string>())) return *time;
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

// The zone's name as an argument; UTC without one.
const TimeZone& zoneAt(Arguments& in, std::size_t at) {
    if (in.count() <= at || in.at(at).is_null()) return TimeZone::utc();
    const auto zone = TimeZone::find(in.text(at));
    if (zone) return **zone;
    in.fail(zone.error().message);
    return TimeZone::utc();
}

Json date(Arguments& in) {
    const TimePoint time = moment(in);
    const TimeZone& zone = zoneAt(in, 2);
    if (in.fault()) return nullptr;
    const std::string pattern = in.count() > 1 ? in.text(1) : "";
    if (!pattern.empty() && pattern.find('%') == std::string::npos)
        return in.fail("the format has no letters such as %Y-%m-%d %H:%M, so it says nothing of the time");
    if (!pattern.empty()) {
        auto written = formatDate(time, pattern, zone);
        return written ? Json(std::move(*written)) : in.fail(written.error().message);
    }
    if (in.count() < 3) return toRfc3339(time);
    return toRfc3339(std::chrono::floor<std::chrono::seconds>(time), zone);
}

// The same day and time of day some months on; the month's last day when it has no such day.
TimePoint addMonths(TimePoint time, std::int64_t months, const TimeZone& zone) {
    using namespace std::chrono;
    const auto second = floor<seconds>(time);
    const local_seconds local = zone.toLocal(second);
    const auto day = floor<days>(local);
    const year_month_day date{sys_days{day.time_since_epoch()}};
    const auto month = year_month{date.year(), date.month()} + std::chrono::months{months};
    const year_month_day_last last{month.year(), month_day_last{month.month()}};
    const sys_days wanted{year_month_day{month.year(), month.month(), std::min(date.day(), last.day())}};
    return zone.toUtc(local_seconds{wanted.time_since_epoch()} + (local - day)) + (time - second);
}

bool isWithin(double seconds) {
    return seconds <= kLastSecond && seconds >= kFirstSecond;
}

// In a zone days, weeks, months and years keep the time of day.
Json dateAdd(Arguments& in) {
    static constexpr std::pair<std::string_view, double> kUnits[] = {
        {"seconds", 1}, {"minutes", 60}, {"hours", 3600}, {"days", 86400}, {"weeks", 604800}};
    std::string unit = in.count() > 2 ? in.text(2) : "seconds";
    if (!unit.ends_with('s')) unit += 's';
    const double amount = in.number(1);
    const TimePoint time = moment(in);
    const TimeZone& zone = zoneAt(in, 3);
    if (in.fault()) return nullptr;
    const double now = static_cast<double>(toMicros(time)) / 1e6;
    if (unit == "months" || unit == "years") {
        const double months = amount * (unit == "years" ? 12 : 1);
        if (!isWithin(now + months * 31 * 86400)) return in.fail("leaves the years 1 to 9999");
        return toRfc3339(addMonths(time, static_cast<std::int64_t>(months), zone));
    }
    for (const auto& [name, seconds] : kUnits) {
        if (name != unit) continue;
        if (!isWithin(now + amount * seconds)) return in.fail("leaves the years 1 to 9999");
        const auto step = std::chrono::microseconds(static_cast<std::int64_t>(amount * seconds * 1e6));
        if (unit != "days" && unit != "weeks") return toRfc3339(time + step);
        const auto second = std::chrono::floor<std::chrono::seconds>(time);
        const auto whole = std::chrono::floor<std::chrono::seconds>(step);
        return toRfc3339(zone.toUtc(zone.toLocal(second) + whole) + (step - whole) + (time - second));
    }
    return in.fail("takes seconds, minutes, hours, days, weeks, months or years, not " + unit.substr(0, 32));
}

Json timestamp(Arguments& in) {
    return numberJson(static_cast<double>(toMicros(moment(in))) / 1e6).value_or(nullptr);
}

constexpr Function kFunctions[] = {
    {"default", 2, 2, false, &fallback}, {"text", 1, 1, false, &text},          {"json", 1, 1, false, &json},
    {"parse_json", 1, 1, true, &parsed}, {"boolean", 1, 1, false, &boolean},    {"date", 1, 3, true, &date},
    {"date_add", 2, 4, true, &dateAdd},  {"timestamp", 1, 1, true, &timestamp},
};

}  // namespace

std::span<const Function> dataFunctions() {
    return kFunctions;
}

}  // namespace signalbox::workflow::expr
