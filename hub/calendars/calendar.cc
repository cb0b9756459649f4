#include "hub/calendars/calendar.h"

#include <algorithm>

namespace signalbox {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> kDays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::size_t kMaxSpans = 12, kMaxHolidays = 1000, kMaxName = 200;
constexpr days kHorizon{370};

Error fault(const std::string& place, const std::string& what) {
    return {ErrorKind::Invalid, place + ": " + what, {}, "invalid_request"};
}

std::optional<int> digits(std::string_view text) {
    if (text.size() != 2 || text.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    return (text[0] - '0') * 10 + (text[1] - '0');
}

// "09:30"; "24:00" is the end of the day.
std::optional<minutes> timeOfDay(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hour = digits(text.substr(0, 2)), minute = digits(text.substr(3));
    if (!hour || !minute || *minute > 59 || *hour > 24 || (*hour == 24 && *minute != 0)) return std::nullopt;
    return hours(*hour) + minutes(*minute);
}

std::optional<month_day> monthDay(std::string_view text) {
    if (text.size() != 5 || text[2] != '-') return std::nullopt;
    const auto month = digits(text.substr(0, 2)), day = digits(text.substr(3));
    if (!month || !day) return std::nullopt;
    const month_day date{std::chrono::month(static_cast<unsigned>(*month)),
                         std::chrono::day(static_cast<unsigned>(*day))};
    return date.ok() ? std::optional(date) : std::nullopt;
}

std::optional<year_month_day> fullDate(std::string_view text) {
    if (text.size() != 10 || text[4] != '-') return std::nullopt;
    const auto century = digits(text.substr(0, 2)), rest = digits(text.substr(2, 2));
    const auto date = monthDay(text.substr(5));
    if (!century || !rest || !date) return std::nullopt;
    const year_month_day whole{year(*century * 100 + *rest), date->month(), date->day()};
    return whole.ok() ? std::optional(whole) : std::nullopt;
}

}  // namespace

Result<std::vector<Calendar::Span>> Calendar::readSpans(const std::string& place, const Json& list) {
    std::vector<Span> spans;
    if (!list.is_array()) return fault(place, "must be a list of spans such as \"09:00-17:00\"");
    if (list.size() > kMaxSpans) return fault(place, "at most " + std::to_string(kMaxSpans) + " spans");
    for (const Json& one : list) {
        const std::string text = one.is_string() ? one.get<std::string>() : "";
        const auto dash = text.find('-');
        const auto from = timeOfDay(std::string_view(text).substr(0, dash));
        auto to =
            dash == std::string::npos ? std::nullopt : timeOfDay(std::string_view(text).substr(dash + 1));
        if (!from || !to || *from == 24h || *from == *to)
            return fault(place, "must be a list of spans such as \"09:00-17:00\"");
        if (*to < *from) *to += 24h;
        spans.push_back({*from, *to});
    }
    return spans;
}

Status Calendar::readHours(const Json& hours) {
    if (!hours.is_object()) return fault("hours", "must be an object of weekdays (mon, tue …)");
    for (const auto& [name, list] : hours.items()) {
        const auto day = std::find(kDays.begin(), kDays.end(), name);
        if (day == kDays.end())
            return fault("hours." + name.substr(0, 20), "days are mon, tue, wed, thu, fri, sat, sun");
        auto spans = readSpans("hours." + name, list);
        if (!spans) return spans.error();
        week_[static_cast<std::size_t>(day - kDays.begin())] = std::move(*spans);
    }
    return Done{};
}

Status Calendar::readHolidays(const Json& holidays) {
    if (!holidays.is_array() || holidays.size() > kMaxHolidays)
        return fault("holidays", "must be a list of at most " + std::to_string(kMaxHolidays) + " days");
    for (std::size_t i = 0; i < holidays.size(); ++i) {
        const Json& one = holidays[i];
        const std::string place = "holidays[" + std::to_string(i) + ']';
        if (!one.is_object()) return fault(place, "must be an object with date and name");
        for (const auto& [name, value] : one.items()) {
            if (name != "date" && name != "name" && name != "hours")
                return fault(place + '.' + name.substr(0, 40), "is no member of a holiday");
        }
        Holiday holiday{textAt(one, "name"), {}};
        if (holiday.name.size() > kMaxName) return fault(place + ".name", "at most 200 bytes");
        if (one.contains("hours")) {
            auto spans = readSpans(place + ".hours", one["hours"]);
            if (!spans) return spans.error();
            holiday.spans = std::move(*spans);
        }
        const std::string date = textAt(one, "date");
        if (const auto whole = fullDate(date)) {
            dated_[*whole] = std::move(holiday);
        } else if (const auto yearly = monthDay(date)) {
            yearly_[*yearly] = std::move(holiday);
        } else {
            return fault(place + ".date", "must be a date such as 2026-12-24, or 12-25 for each year");
        }
    }
    return Done{};
}

Result<Calendar> Calendar::read(const Json& body) {
    if (!body.is_object()) return fault("body", "must be an object with zone, hours and holidays");
    Calendar calendar;
    const Json& zone_name = memberAt(body, "zone");
    if (!zone_name.is_null() && !zone_name.is_string()) return fault("zone", "must be a text");
    const auto zone = TimeZone::find(textAt(body, "zone", "UTC"));
    if (!zone) return fault("zone", "no such time zone; write an IANA name such as Europe/Berlin");
    calendar.zone_ = *zone;
    if (auto read = calendar.readHours(memberAt(body, "hours")); !read) return read.error();
    if (body.contains("holidays")) {
        if (auto read = calendar.readHolidays(body["holidays"]); !read) return read.error();
    }
    return calendar;
}

const Calendar::Holiday* Calendar::holidayOn(year_month_day date) const {
    if (const auto dated = dated_.find(date); dated != dated_.end()) return &dated->second;
    const auto yearly = yearly_.find(month_day{date.month(), date.day()});
    return yearly == yearly_.end() ? nullptr : &yearly->second;
}

std::vector<Calendar::Stretch> Calendar::stretchesOf(local_days day) const {
    const Holiday* holiday = holidayOn(year_month_day{day});
    const auto& spans = holiday != nullptr ? holiday->spans : week_[weekday{day}.c_encoding()];
    std::vector<Stretch> out;
    for (const Span& span : spans) {
        const auto from = zone_->toUtc(day + span.from), to = zone_->toUtc(day + span.to);
        if (from < to) out.emplace_back(from, to);  // a span that lies in the gap of summer time is empty
    }
    return out;
}

template <class Visit>
void Calendar::walk(sys_seconds time, Visit visit) const {
    const auto today = floor<days>(zone_->toLocal(time));
    std::vector<Stretch> pending;  // of two days at most: a span may reach into the next one
    for (auto day = today - days(1); day <= today + kHorizon; day += days(1)) {
        for (const Stretch& one : stretchesOf(day)) pending.push_back(one);
        std::sort(pending.begin(), pending.end());
        std::vector<Stretch> joined;
        for (const Stretch& one : pending) {
            if (joined.empty() || joined.back().second < one.first) {
                joined.push_back(one);
            } else {
                joined.back().second = std::max(joined.back().second, one.second);
            }
        }
        // What touches the end of this day may go on tomorrow.
        const auto midnight = zone_->toUtc(day + days(1));
        pending.clear();
        for (const Stretch& one : joined) {
            if (one.second >= midnight && day < today + kHorizon) {
                pending.push_back(one);
            } else if (one.second > time && !visit(one)) {
                return;
            }
        }
    }
}

Calendar::Moment Calendar::at(TimePoint time) const {
    const auto now = floor<seconds>(time);
    Moment moment;
    if (const Holiday* holiday = holidayOn(year_month_day{floor<days>(zone_->toLocal(now))}))
        moment.holiday = holiday->name;
    walk(now, [&](const Stretch& one) {
        moment.is_open = one.first <= now;
        const bool is_near = one.second < now + kHorizon - days(1);
        if (!moment.is_open) moment.opens_at = one.first;
        if (moment.is_open && is_near) moment.closes_at = one.second;
        return false;
    });
    return moment;
}

std::optional<TimePoint> Calendar::afterOpenTime(TimePoint from, seconds open) const {
    std::optional<TimePoint> end;
    TimePoint::duration left = open;
    walk(floor<seconds>(from), [&](const Stretch& one) {
        const TimePoint begin = std::max<TimePoint>(one.first, from);
        const TimePoint::duration length = TimePoint(one.second) - begin;
        if (left <= length) {
            end = begin + left;
            return false;
        }
        left -= length;
        return true;
    });
    return end;
}

}  // namespace signalbox
