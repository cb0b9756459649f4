// Cron expressions: when something is due, in a time zone. Parsed once, then a value that any thread may ask.
// The rules, also those about summer time, are in README.md; they are Vixie cron's.
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_zone.h"

namespace signalbox::workflow {

class Cron {
public:
    // Five fields, six with seconds in front, seven with the year behind, or a name such as @daily. Errors:
    // Invalid, with the column and the remedy; also for days that no calendar has (30 February).
    static Result<Cron> parse(std::string_view text);

    // The first time behind `after`. Nothing when it leaves the years up to 9999.
    std::optional<std::chrono::sys_seconds> next(std::chrono::sys_seconds after, const TimeZone& zone) const;

    // Of `@every 5m`: the time from one to the next, wherever they begin.
    std::optional<std::chrono::seconds> every() const { return fields_.every; }

    static constexpr int kFirstYear = 1970, kLastYear = 2199;  // that the field of the year may name

    // Days of a month that only its calendar can tell.
    struct LastDay {
        int before = 0;  // L-3: three days before the last
        bool is_workday = false;
    };
    struct WeekdayOfMonth {
        int weekday = 0;
        int nth = 0;  // 1–5, or 0 for the last
    };
    struct Fields {
        std::bitset<60> seconds, minutes;
        std::bitset<24> hours;
        std::bitset<32> days;      // 1–31
        std::bitset<13> months;    // 1–12
        std::bitset<7> weekdays;   // 0 is Sunday
        std::bitset<32> workdays;  // 15W: the weekday nearest to the 15th
        std::vector<LastDay> last_days;
        std::vector<WeekdayOfMonth> nth_weekdays;
        std::optional<std::bitset<kLastYear - kFirstYear + 1>> years;  // from kFirstYear; none: every year
        std::optional<std::chrono::seconds> every;
        bool any_day = false, any_weekday = false;  // the field begins with * or ?
        bool is_wildcard = false;                   // the minutes or the hours begin with *
    };

private:
    explicit Cron(Fields fields) : fields_(std::move(fields)) {}

    bool isYear(std::chrono::year date) const;
    bool isDay(std::chrono::year_month_day date) const;
    bool isDayOfMonth(std::chrono::year_month_day date) const;
    bool isDayOfWeek(std::chrono::year_month_day date) const;
    bool hasDays() const;
    // The first local time that matches, not before `from`.
    std::optional<std::chrono::local_seconds> nextLocal(std::chrono::local_seconds from) const;
    // The moment of a local time; none for one that a clock put forward by hours leaves out.
    static std::optional<std::chrono::sys_seconds> momentOf(std::chrono::local_seconds local,
                                                            const TimeZone& zone);
    std::optional<std::chrono::seconds> nextTimeOfDay(std::chrono::seconds from) const;

    Fields fields_;
};

}  // namespace signalbox::workflow
