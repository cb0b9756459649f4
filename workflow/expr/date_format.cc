#include "workflow/expr/date_format.h"

#include <cstdio>
#include <cstdlib>
#include <optional>

namespace signalbox::workflow::expr {
namespace {

using namespace std::chrono;

constexpr const char* kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                 "Thursday", "Friday", "Saturday"};
constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};

std::string digits(long long value, int width) {
    char out[32];
    std::snprintf(out, sizeof out, "%0*lld", width, value);
    return out;
}

class Formatter {
public:
    // What clocks in the zone show is taken apart as if it were UTC.
    Formatter(TimePoint time, const TimeZone& zone)
        : Formatter(time, zone, zone.offsetAt(floor<seconds>(time))) {}

    std::optional<std::string> letter(char c) const {
        if (auto part = datePart(c)) return part;
        return clockPart(c);
    }

private:
    Formatter(TimePoint time, const TimeZone& zone, seconds offset)
        : time_(time),
          zone_(zone),
          offset_(offset),
          day_(floor<days>(time + offset)),
          date_(day_),
          clock_(floor<milliseconds>(time + offset - day_)),
          week_(day_) {}

    std::string offsetText() const {
        const auto minutes = std::abs(offset_.count()) / 60;
        return (offset_.count() < 0 ? "-" : "+") + digits(minutes / 60, 2) + ":" + digits(minutes % 60, 2);
    }

    std::optional<std::string> datePart(char c) const {
        const auto month = unsigned{date_.month()}, day = unsigned{date_.day()};
        switch (c) {
            case 'Y':
                return digits(int{date_.year()}, 4);
            case 'y':
                return digits(int{date_.year()} % 100, 2);
            case 'm':
                return digits(month, 2);
            case 'd':
                return digits(day, 2);
            case 'e':
                return digits(day, 1);
            case 'j':
                return digits((day_ - sys_days{date_.year() / January / 1}).count() + 1, 3);
            case 'A':
                return kDays[week_.c_encoding()];
            case 'a':
                return std::string(kDays[week_.c_encoding()]).substr(0, 3);
            case 'u':
                return digits(week_.iso_encoding(), 1);
            case 'B':
                return kMonths[month - 1];
            case 'b':
                return std::string(kMonths[month - 1]).substr(0, 3);
            case 'F':
                return *datePart('Y') + "-" + *datePart('m') + "-" + *datePart('d');
            default:
                return std::nullopt;
        }
    }

    std::optional<std::string> clockPart(char c) const {
        const auto hour = clock_.hours().count();
        switch (c) {
            case 'H':
                return digits(hour, 2);
            case 'I':
                return digits((hour + 11) % 12 + 1, 2);
            case 'p':
                return hour < 12 ? "AM" : "PM";
            case 'M':
                return digits(clock_.minutes().count(), 2);
            case 'S':
                return digits(clock_.seconds().count(), 2);
            case 'L':
                return digits(clock_.subseconds().count(), 3);
            case 'T':
                return *clockPart('H') + ":" + *clockPart('M') + ":" + *clockPart('S');
            case 's':
                return digits(floor<seconds>(time_).time_since_epoch().count(), 1);
            case 'z':
                return offsetText();
            case 'Z':
                return zone_.abbreviationAt(floor<seconds>(time_));
            case '%':
                return "%";
            default:
                return std::nullopt;
        }
    }

    TimePoint time_;
    const TimeZone& zone_;
    seconds offset_;
    sys_days day_;
    year_month_day date_;
    hh_mm_ss<milliseconds> clock_;
    weekday week_;
};

}  // namespace

Result<std::string> formatDate(TimePoint time, std::string_view pattern, const TimeZone& zone) {
    const Formatter formatter(time, zone);
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            out += pattern[i];
            continue;
        }
        const auto part = ++i < pattern.size() ? formatter.letter(pattern[i]) : std::nullopt;
        if (!part)
            return Error{ErrorKind::Invalid,
                         "unknown % letter in the format; use %Y %m %d %H %M %S (README)"};
        out += *part;
    }
    return out;
}

}  // namespace signalbox::workflow::expr
