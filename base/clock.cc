#include "base/clock.h"

#include <algorithm>

namespace signalbox {
namespace {

using namespace std::chrono;

// Days and months within bounds; `pos` moves behind the digits read.
std::optional<int> digits(std::string_view text, std::size_t& pos, std::size_t count) {
    if (pos + count > text.size()) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const char c = text[pos + i];
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    pos += count;
    return value;
}

bool literal(std::string_view text, std::size_t& pos, char expected) {
    if (pos >= text.size() || (text[pos] | 0x20) != (expected | 0x20)) return false;
    ++pos;
    return true;
}

std::optional<microseconds> fraction(std::string_view text, std::size_t& pos) {
    if (pos >= text.size() || text[pos] != '.') return microseconds{0};
    ++pos;
    std::int64_t value = 0;
    int read = 0;
    for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos, ++read) {
        if (read < 6) value = value * 10 + (text[pos] - '0');
    }
    if (read == 0 || read > 9) return std::nullopt;
    for (int i = read; i < 6; ++i) value *= 10;
    return microseconds{value};
}

// With zeros in front, `width` digits or more.
void appendPadded(std::string& out, int number, std::size_t width) {
    const std::string digits = std::to_string(number);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out.append(digits);
}

std::optional<minutes> offset(std::string_view text, std::size_t& pos) {
    if (literal(text, pos, 'Z')) return minutes{0};
    if (pos >= text.size() || (text[pos] != '+' && text[pos] != '-')) return std::nullopt;
    const int sign = text[pos++] == '-' ? -1 : 1;
    const auto h = digits(text, pos, 2);
    if (!h || !literal(text, pos, ':')) return std::nullopt;
    const auto m = digits(text, pos, 2);
    if (!m || *h > 23 || *m > 59) return std::nullopt;
    return sign * (hours{*h} + minutes{*m});
}

}  // namespace

std::string toRfc3339(TimePoint t) {
    const auto day = floor<days>(t);
    const year_month_day date{day};
    const hh_mm_ss time{floor<milliseconds>(t - day)};
    std::string out;
    appendPadded(out, int{date.year()}, 4);
    appendPadded(out += '-', static_cast<int>(unsigned{date.month()}), 2);
    appendPadded(out += '-', static_cast<int>(unsigned{date.day()}), 2);
    appendPadded(out += 'T', static_cast<int>(time.hours().count()), 2);
    appendPadded(out += ':', static_cast<int>(time.minutes().count()), 2);
    appendPadded(out += ':', static_cast<int>(time.seconds().count()), 2);
    appendPadded(out += '.', static_cast<int>(time.subseconds().count()), 3);
    out += 'Z';
    return out;
}

std::optional<TimePoint> parseRfc3339(std::string_view text) {
    std::size_t pos = 0;
    const auto y = digits(text, pos, 4);
    if (!y || !literal(text, pos, '-')) return std::nullopt;
    const auto mo = digits(text, pos, 2);
    if (!mo || !literal(text, pos, '-')) return std::nullopt;
    const auto d = digits(text, pos, 2);
    if (!d || pos >= text.size() || (text[pos] != ' ' && !literal(text, pos, 'T'))) return std::nullopt;
    if (text[pos] == ' ') ++pos;
    const auto h = digits(text, pos, 2);
    if (!h || !literal(text, pos, ':')) return std::nullopt;
    const auto mi = digits(text, pos, 2);
    if (!mi || !literal(text, pos, ':')) return std::nullopt;
    const auto s = digits(text, pos, 2);
    if (!s) return std::nullopt;
    const auto part = fraction(text, pos);
    if (!part) return std::nullopt;
    const auto zone = offset(text, pos);
    const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)}, day{static_cast<unsigned>(*d)}};
    if (!zone || pos != text.size() || !date.ok() || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
    return TimePoint{sys_days{date}} + hours{*h} + minutes{*mi} + seconds{std::min(*s, 59)} + *part - *zone;
}

void Wakeup::notify() {
    {
        std::lock_guard lock(mutex_);
        is_rung_ = true;
    }
    ring_.notify_all();
}

bool Clock::sleepUntil(TimePoint until, const std::stop_token& stop) {
    Wakeup nobody_rings;
    while (!stop.stop_requested() && now() < until) wait(nobody_rings, until, stop);
    return !stop.stop_requested();
}

TimePoint SystemClock::now() const {
    return floor<microseconds>(system_clock::now());
}

void SystemClock::wait(Wakeup& wakeup, TimePoint until, const std::stop_token& stop) {
    std::unique_lock lock(wakeup.mutex_);
    // Never longer than a minute at a time: a step of the wall clock must not leave a sleeper behind.
    const auto span = std::clamp<microseconds>(until - now(), microseconds{0}, minutes{1});
    wakeup.ring_.wait_for(lock, stop, span, [&] { return wakeup.is_rung_; });
    wakeup.is_rung_ = false;
}

}  // namespace signalbox
