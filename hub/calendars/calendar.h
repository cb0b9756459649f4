// When somebody is there: hours by weekday in a time zone, and holidays. A value, read once; any thread may
// ask.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time_zone.h"

namespace signalbox {

class Calendar {
public:
    // {"zone": "Europe/Berlin", "hours": {"mon": ["09:00-12:00", "13:00-17:00"], …}, "holidays": [{"date":
    // "2026-12-24" or "12-25" (each year), "name", "hours": […] (none: closed)}]}. A span that ends before it
    // begins goes over midnight; "00:00-24:00" is the whole day. Errors: Invalid, naming the member.
    static Result<Calendar> read(const Json& body);

    // A moment as the calendar sees it. `opens_at`: when it opens next, of a closed one; `closes_at`: when it
    // closes, of an open one. Neither when that is more than a year away. `holiday`: the day's name.
    struct Moment {
        bool is_open = false;
        std::optional<TimePoint> opens_at, closes_at;
        std::string holiday;
    };
    Moment at(TimePoint time) const;
    // The moment by which it will have been open for that long, counted from `from`; nothing when that takes
    // more than a year. For terms that count working time only.
    std::optional<TimePoint> afterOpenTime(TimePoint from, std::chrono::seconds open) const;

    const TimeZone& zone() const { return *zone_; }

private:
    struct Span {
        std::chrono::minutes from{0}, to{0};  // since the day's midnight; `to` may lie in the next day
    };
    struct Holiday {
        std::string name;
        std::vector<Span> spans;
    };
    using Stretch = std::pair<std::chrono::sys_seconds, std::chrono::sys_seconds>;

    static Result<std::vector<Span>> readSpans(const std::string& place, const Json& list);
    Status readHours(const Json& hours);
    Status readHolidays(const Json& holidays);
    const Holiday* holidayOn(std::chrono::year_month_day date) const;
    // From when to when it is open, beginning with the day before `time`'s, touching spans joined, until
    // `visit` says false or a year is over.
    template <class Visit>
    void walk(std::chrono::sys_seconds time, Visit visit) const;
    std::vector<Stretch> stretchesOf(std::chrono::local_days day) const;

    const TimeZone* zone_ = &TimeZone::utc();
    std::array<std::vector<Span>, 7> week_;  // Sunday is 0
    std::map<std::chrono::year_month_day, Holiday> dated_;
    std::map<std::chrono::month_day, Holiday> yearly_;
};

}  // namespace signalbox
