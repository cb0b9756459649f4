#include "workflow/sheets/number_format.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace signalbox::workflow {
namespace {

constexpr double kLastDay = 2'958'465;    // 9999-12-31
constexpr int kLeapDayThatNeverWas = 60;  // 1900-02-29, which Lotus had and Excel kept
constexpr std::int64_t kDay = 86'400;

template <typename... Values>
std::string print(const char* format, Values... values) {
    char out[64];
    return std::string(out, static_cast<std::size_t>(std::snprintf(out, sizeof out, format, values...)));
}

std::string clockText(std::int64_t seconds) {
    return print("%02d:%02d:%02d", static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
                 static_cast<int>(seconds % 60));
}

std::string dayText(std::int64_t day, bool is_1904) {
    using namespace std::chrono;
    if (!is_1904 && day == kLeapDayThatNeverWas) return "1900-02-29";
    const sys_days first = is_1904                      ? sys_days{1904y / January / 1}
                           : day < kLeapDayThatNeverWas ? sys_days{1899y / December / 31}
                                                        : sys_days{1899y / December / 30};
    const year_month_day date{first + days{day}};
    return print("%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()));
}

}  // namespace

NumberKind kindOfFormat(int id) {
    if (id == 46) return NumberKind::Elapsed;
    const bool is_date =
        (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
    return is_date ? NumberKind::Date : NumberKind::Number;
}

NumberKind kindOfFormat(std::string_view code) {
    NumberKind kind = NumberKind::Number;
    for (std::size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
        switch (code[i]) {
            case '"':
                i = std::min(code.find('"', i + 1), code.size());
                break;
            case '\\':
            case '_':
            case '*':
                ++i;
                break;
            case '[': {
                const std::string_view inside = code.substr(i + 1, 2);
                if (!inside.empty() && std::string_view("hHmMsS").find(inside[0]) != std::string_view::npos &&
                    (inside.size() == 1 || inside[1] == ']' || inside[1] == inside[0]))
                    return NumberKind::Elapsed;
                i = std::min(code.find(']', i), code.size());
                break;
            }
            default:
                if (std::string_view("dDmMyYhHsS").find(code[i]) != std::string_view::npos)
                    kind = NumberKind::Date;
        }
    }
    return kind;
}

std::string numberText(double value) {
    if (std::floor(value) == value && std::abs(value) < 1e18) return print("%.0f", value == 0 ? 0.0 : value);
    return print("%.15g", value);
}

std::string dateText(double serial, bool is_1904) {
    if (!(serial >= 0 && serial < kLastDay + 1)) return numberText(serial);
    const auto seconds = static_cast<std::int64_t>(std::llround(serial * static_cast<double>(kDay)));
    const std::int64_t day = seconds / kDay;
    const std::int64_t time = seconds % kDay;
    if (day == 0) return clockText(time);
    return dayText(day, is_1904) + (time == 0 ? "" : "T" + clockText(time));
}

std::string elapsedText(double days) {
    if (!(std::abs(days) < kLastDay)) return numberText(days);
    const auto seconds = static_cast<std::int64_t>(std::llround(std::abs(days) * static_cast<double>(kDay)));
    return (days < 0 ? "-" : "") + clockText(seconds);
}

}  // namespace signalbox::workflow
