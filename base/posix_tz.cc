#include "base/posix_tz.h"

#include <algorithm>

namespace signalbox {

using namespace std::chrono;

// Reads the text from left to right; every step fails on the first thing that does not belong there.
class PosixTzReader {
public:
    explicit PosixTzReader(std::string_view text) : text_(text) {}

    std::optional<PosixTz> all() {
        PosixTz zone;
        const auto standard = period();
        if (!standard) return std::nullopt;
        zone.standard_ = *standard;
        if (text_.empty()) return zone;
        auto summer = name();
        if (!summer) return std::nullopt;
        zone.summer_ = PosixTz::Period{*summer, zone.standard_.offset + hours{1}};
        if (!text_.empty() && text_.front() != ',') {
            const auto offset = time(24);
            if (!offset) return std::nullopt;
            zone.summer_->offset = -*offset;
        }
        const auto begins = rule();
        const auto ends = begins ? rule() : std::nullopt;
        if (!ends || !text_.empty()) return std::nullopt;
        zone.begins_ = *begins;
        zone.ends_ = *ends;
        return zone;
    }

private:
    bool take(char c) {
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }

    std::optional<std::string> name() {
        const bool is_quoted = take('<');
        std::size_t length = 0;
        while (length < text_.size() && isNameLetter(text_[length], is_quoted)) ++length;
        if (length < 3) return std::nullopt;
        std::string out(text_.substr(0, length));
        text_.remove_prefix(length);
        if (is_quoted && !take('>')) return std::nullopt;
        return out;
    }
    static bool isNameLetter(char c, bool is_quoted) {
        const char lower = static_cast<char>(c | 0x20);
        if (lower >= 'a' && lower <= 'z') return true;
        return is_quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-');
    }

    std::optional<PosixTz::Period> period() {
        auto read = name();
        const auto offset = read ? time(24) : std::nullopt;
        if (!offset) return std::nullopt;
        return PosixTz::Period{*read, -*offset};
    }

    std::optional<int> number(int min, int max) {
        int value = 0;
        std::size_t length = 0;
        for (; length < text_.size() && length < 4 && text_[length] >= '0' && text_[length] <= '9'; ++length)
            value = value * 10 + (text_[length] - '0');
        if (length == 0 || value < min || value > max) return std::nullopt;
        text_.remove_prefix(length);
        return value;
    }

    // [+-]hh[:mm[:ss]]
    std::optional<seconds> time(int max_hours) {
        const bool is_negative = take('-');
        if (!is_negative) take('+');
        const auto h = number(0, max_hours);
        if (!h) return std::nullopt;
        seconds total = hours{*h};
        for (const seconds unit : {seconds{60}, seconds{1}}) {
            if (!take(':')) break;
            const auto part = number(0, 59);
            if (!part) return std::nullopt;
            total += *part * unit;
        }
        return is_negative ? -total : total;
    }

    std::optional<PosixTz::Rule> rule() {
        if (!take(',')) return std::nullopt;
        auto out = take('M') ? monthRule() : dayRule();
        if (out && take('/')) {
            const auto at = time(167);
            if (!at) return std::nullopt;
            out->time = *at;
        }
        return out;
    }
    std::optional<PosixTz::Rule> monthRule() {
        const auto month = number(1, 12);
        const auto week = month && take('.') ? number(1, 5) : std::nullopt;
        const auto day = week && take('.') ? number(0, 6) : std::nullopt;
        if (!day) return std::nullopt;
        return PosixTz::Rule{PosixTz::Rule::Kind::MonthWeekDay, *month, *week, *day};
    }
    std::optional<PosixTz::Rule> dayRule() {
        const bool is_julian = take('J');
        const auto day = number(is_julian ? 1 : 0, 365);
        if (!day) return std::nullopt;
        return PosixTz::Rule{is_julian ? PosixTz::Rule::Kind::JulianDay : PosixTz::Rule::Kind::ZeroDay, 0, 0,
                             *day};
    }

    std::string_view text_;
};

std::optional<PosixTz> PosixTz::parse(std::string_view text) {
    return PosixTzReader(text).all();
}

sys_days PosixTz::dayOf(const Rule& rule, year in) {
    if (rule.kind == Rule::Kind::ZeroDay) return sys_days{in / January / 1} + days{rule.day};
    if (rule.kind == Rule::Kind::JulianDay) {
        // Counts as if there were no 29th of February.
        const int leap = in.is_leap() && rule.day >= 60 ? 1 : 0;
        return sys_days{in / January / 1} + days{rule.day - 1 + leap};
    }
    const month month{static_cast<unsigned>(rule.month)};
    const weekday day{static_cast<unsigned>(rule.day)};
    if (rule.week == 5) return sys_days{in / month / day[last]};
    return sys_days{in / month / day[static_cast<unsigned>(rule.week)]};
}

std::vector<OffsetChange> PosixTz::changesIn(year in) const {
    if (!summer_) return {};
    std::vector<OffsetChange> changes = {
        {dayOf(begins_, in) + begins_.time - standard_.offset, summer_->offset, summer_->name},
        {dayOf(ends_, in) + ends_.time - summer_->offset, standard_.offset, standard_.name}};
    if (changes[1].at < changes[0].at) std::swap(changes[0], changes[1]);
    return changes;
}

}  // namespace signalbox
