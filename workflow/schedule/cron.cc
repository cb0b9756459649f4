#include "workflow/schedule/cron.h"

#include <algorithm>

#include "workflow/schedule/cron_parser.h"

namespace signalbox::workflow {
namespace {

using namespace std::chrono;

constexpr int kCalendarDays = 146097;  // the Gregorian calendar repeats after 400 years
constexpr year kEndOfTime{9999};
// As in Vixie cron: a clock put forward by more is set anew, and nothing is made good (Apia left out a day).
constexpr auto kSummerTime = hours{3};

unsigned lastDayOf(year_month_day date) {
    return unsigned{year_month_day_last{date.year() / date.month() / last}.day()};
}

// The weekday from Monday to Friday that is nearest to a day, within its month.
unsigned nearestWorkday(year_month_day date, unsigned day) {
    const unsigned end = lastDayOf(date);
    const weekday on{sys_days{date.year() / date.month() / std::chrono::day{day}}};
    if (on == Saturday) return day == 1 ? 3 : day - 1;
    if (on == Sunday) return day == end ? end - 2 : day + 1;
    return day;
}

template <std::size_t N>
std::optional<int> firstFrom(const std::bitset<N>& bits, int from) {
    for (auto i = static_cast<std::size_t>(std::max(from, 0)); i < N; ++i)
        if (bits.test(i)) return static_cast<int>(i);
    return std::nullopt;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
    auto fields = parseCronFields(text);
    if (!fields) return fields.error();
    Cron cron(std::move(*fields));
    if (!cron.every() && !cron.hasDays())
        return Error{ErrorKind::Invalid, "column 1: no calendar has such a day, so it would never be due"};
    return cron;
}

bool Cron::hasDays() const {
    const sys_days start{year{fields_.years ? kFirstYear : 2000} / January / 1};
    for (int i = 0; i < kCalendarDays; ++i)
        if (isDay(start + days{i})) return true;
    return false;
}

bool Cron::isDayOfMonth(year_month_day date) const {
    const unsigned day{date.day()};
    if (fields_.days.test(day)) return true;
    for (const auto& each : fields_.last_days) {
        const int wanted = static_cast<int>(lastDayOf(date)) - each.before;
        if (wanted < 1) continue;
        const auto at = static_cast<unsigned>(wanted);
        if ((each.is_workday ? nearestWorkday(date, at) : at) == day) return true;
    }
    // The nearest weekday is at most two days away.
    for (unsigned wanted = day > 2 ? day - 2 : 1; wanted <= std::min(day + 2, lastDayOf(date)); ++wanted)
        if (fields_.workdays.test(wanted) && nearestWorkday(date, wanted) == day) return true;
    return false;
}

bool Cron::isDayOfWeek(year_month_day date) const {
    const unsigned on = weekday{sys_days{date}}.c_encoding(), day{date.day()};
    if (fields_.weekdays.test(on)) return true;
    return std::any_of(fields_.nth_weekdays.begin(), fields_.nth_weekdays.end(),
                       [&](const WeekdayOfMonth& each) {
                           if (static_cast<unsigned>(each.weekday) != on) return false;
                           return each.nth == 0 ? day + 7 > lastDayOf(date)
                                                : (day - 1) / 7 + 1 == static_cast<unsigned>(each.nth);
                       });
}

bool Cron::isYear(year date) const {
    if (!fields_.years) return true;
    const int at = int{date} - kFirstYear;
    return at >= 0 && date <= year{kLastYear} && fields_.years->test(static_cast<std::size_t>(at));
}

bool Cron::isDay(year_month_day date) const {
    if (!isYear(date.year())) return false;
    if (!fields_.months.test(unsigned{date.month()})) return false;
    // Both said: either will do. Otherwise both must hold, and the open one holds by its `*`.
    if (fields_.any_day || fields_.any_weekday) return isDayOfMonth(date) && isDayOfWeek(date);
    return isDayOfMonth(date) || isDayOfWeek(date);
}

std::optional<seconds> Cron::nextTimeOfDay(seconds from) const {
    const hh_mm_ss clock{from};
    const int h = static_cast<int>(clock.hours().count()), m = static_cast<int>(clock.minutes().count());
    auto hour = firstFrom(fields_.hours, h);
    if (hour == h) {
        auto minute = firstFrom(fields_.minutes, m);
        if (minute == m) {
            if (const auto second = firstFrom(fields_.seconds, static_cast<int>(clock.seconds().count())))
                return hours{h} + minutes{m} + seconds{*second};
            minute = firstFrom(fields_.minutes, m + 1);
        }
        if (minute) return hours{h} + minutes{*minute} + seconds{*firstFrom(fields_.seconds, 0)};
        hour = firstFrom(fields_.hours, h + 1);
    }
    if (!hour) return std::nullopt;
    return hours{*hour} + minutes{*firstFrom(fields_.minutes, 0)} + seconds{*firstFrom(fields_.seconds, 0)};
}

std::optional<local_seconds> Cron::nextLocal(local_seconds from) const {
    auto day = floor<days>(from);
    seconds time = from - day;
    for (int i = 0; i <= kCalendarDays; ++i, day += days{1}, time = seconds{0}) {
        const year_month_day date{sys_days{day.time_since_epoch()}};
        if (date.year() > (fields_.years ? year{kLastYear} : kEndOfTime)) return std::nullopt;
        if (!isDay(date)) continue;
        if (const auto at = nextTimeOfDay(time)) return day + *at;
    }
    return std::nullopt;
}

// The first of an overlap, the end of a gap.
std::optional<sys_seconds> Cron::momentOf(local_seconds local, const TimeZone& zone) {
    const sys_seconds at = zone.toUtc(local);
    const bool is_shown = zone.toLocal(at) == local;
    const auto leap = seconds{zone.offsetAt(at)} - seconds{zone.offsetAt(at - seconds{1})};
    if (!is_shown && leap >= kSummerTime) return std::nullopt;
    return at;
}

std::optional<sys_seconds> Cron::next(sys_seconds after, const TimeZone& zone) const {
    if (fields_.every) return after + *fields_.every;
    if (!fields_.is_wildcard) {
        auto local = nextLocal(zone.toLocal(after) + seconds{1});
        for (; local; local = nextLocal(*local + seconds{1}))
            if (const auto at = momentOf(*local, zone); at && *at > after) return at;
        return std::nullopt;
    }
    // Real time goes by: in every period of one offset, what clocks show then.
    sys_seconds from = after + seconds{1};
    while (true) {
        const auto local = nextLocal(zone.toLocal(from));
        if (!local) return std::nullopt;
        const sys_seconds at{local->time_since_epoch() - zone.offsetAt(from)};
        const auto change = zone.nextChange(from);
        if (!change || at < *change) return at;
        from = *change;
    }
}

}  // namespace signalbox::workflow
