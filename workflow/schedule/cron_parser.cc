#include "workflow/schedule/cron_parser.h"

#include <algorithm>
#include <array>
#include <string>

namespace signalbox::workflow {
namespace {

constexpr std::array<std::string_view, 13> kMonths = {"",    "JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

constexpr std::pair<std::string_view, std::string_view> kNamed[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"},     {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},        {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"}, {"@every_minute", "* * * * *"}, {"@every_second", "* * * * * *"}};

enum class Kind { Second, Minute, Hour, Day, Month, Weekday, Year };

struct FieldType {
    Kind kind;
    const char* name;
    int min, max;  // 7 is a second name of Sunday
};
constexpr FieldType kTypes[] = {{Kind::Second, "second", 0, 59},
                                {Kind::Minute, "minute", 0, 59},
                                {Kind::Hour, "hour", 0, 23},
                                {Kind::Day, "day of the month", 1, 31},
                                {Kind::Month, "month", 1, 12},
                                {Kind::Weekday, "day of the week", 0, 7},
                                {Kind::Year, "year", Cron::kFirstYear, Cron::kLastYear}};

struct Word {
    std::string text;  // upper case
    std::size_t column;
};

Error errorAt(std::size_t column, const std::string& why) {
    return {ErrorKind::Invalid, "column " + std::to_string(column) + ": " + why};
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

std::vector<Word> wordsOf(std::string_view text) {
    std::vector<Word> words;
    bool is_inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_space = text[i] == ' ' || text[i] == '\t';
        if (!is_space && !is_inside) words.push_back({"", i + 1});
        if (!is_space) words.back().text += upper(text[i]);
        is_inside = !is_space;
    }
    return words;
}

// One field: a list of elements with commas between.
class FieldParser {
public:
    FieldParser(const FieldType& type, const Word& word, Cron::Fields& fields)
        : type_(type), text_(word.text), start_(word.column), fields_(fields) {}

    Status parse() {
        if (text_.size() > 256) return errorAt(start_, "longer than 256 characters");
        do {
            if (auto done = element(); !done) return done;
        } while (take(','));
        if (at_ < text_.size()) return unexpected();
        return Done{};
    }

private:
    std::size_t column() const { return start_ + at_; }
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    bool isAtEnd() const { return at_ >= text_.size() || text_[at_] == ','; }
    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    std::string range() const {
        return std::string(type_.name) + " " + std::to_string(type_.min) + "-" + std::to_string(type_.max);
    }
    Error unexpected() const {
        if (at_ >= text_.size())
            return errorAt(column(), std::string("the ") + type_.name + " ends too early");
        return errorAt(column(), "unexpected '" + text_.substr(at_, 1) + "' in the " + type_.name +
                                     "; it takes *, numbers, ranges a-b, steps /n and lists a,b");
    }

    Status element() {
        if (peek() == '*' || (peek() == '?' && isDayKind())) {
            ++at_;
            return steps(type_.min, type_.kind == Kind::Weekday ? 6 : type_.max);
        }
        if (type_.kind == Kind::Day && peek() == 'L') return lastDay();
        if (type_.kind == Kind::Weekday && peek() == 'L' && peek(1) >= '0' && peek(1) <= '7') {
            fields_.nth_weekdays.push_back({(peek(1) - '0') % 7, 0});  // L5: croniter's spelling of 5L
            at_ += 2;
            return ended();
        }
        const std::size_t begins = column();
        auto first = value();
        if (!first) return first.error();
        if (type_.kind == Kind::Day && peek() == 'W') return workday(*first);
        if (type_.kind == Kind::Weekday && (peek() == '#' || peek() == 'L')) return nthWeekday(*first);
        if (peek() == '/') return steps(*first, type_.max);
        if (!take('-')) {
            set(*first);
            return ended();
        }
        auto last = value();
        if (!last) return last.error();
        // What runs backwards goes on at the beginning: FRI-MON, 22-2.
        if (*last < *first && type_.kind != Kind::Year) return steps(*first, *last + cycle());
        if (*last < *first) return errorAt(begins, "the range of the year runs backwards");
        return steps(*first, *last);
    }
    int cycle() const { return type_.kind == Kind::Weekday ? 7 : type_.max - type_.min + 1; }
    bool isDayKind() const { return type_.kind == Kind::Day || type_.kind == Kind::Weekday; }

    Status ended() const {
        if (isAtEnd()) return Done{};
        return unexpected();
    }

    Status steps(int first, int last) {
        int step = 1;
        if (take('/')) {
            const auto read = number();
            if (!read) return read.error();
            step = *read;
            if (step < 1 || step > 99999) return errorAt(column(), "a step is 1 or more");
        }
        for (int i = first; i <= last; i += step) set(i > type_.max ? i - cycle() : i);
        return ended();
    }

    Result<int> number() {
        int out = 0;
        const std::size_t begins = at_;
        for (; peek() >= '0' && peek() <= '9' && at_ - begins < 5; ++at_) out = out * 10 + (peek() - '0');
        if (at_ == begins) return unexpected();
        return out;
    }

    Result<int> value() {
        const std::size_t begins = column();
        if (const auto named = name()) return *named;
        const auto read = number();
        if (!read) return read;
        if (*read < type_.min || *read > type_.max)
            return errorAt(begins, std::to_string(*read) + " is out of range: " + range());
        return read;
    }
    std::optional<int> name() {
        const std::string_view word = std::string_view(text_).substr(at_, 3);
        const auto find = [&](const auto& names) -> std::optional<int> {
            const auto found = std::find(names.begin(), names.end(), word);
            if (word.size() != 3 || found == names.end()) return std::nullopt;
            at_ += 3;
            return static_cast<int>(found - names.begin());
        };
        if (type_.kind == Kind::Month) return find(kMonths);
        return type_.kind == Kind::Weekday ? find(kWeekdays) : std::nullopt;
    }

    // L, LW, L-3, L-3W
    Status lastDay() {
        take('L');
        Cron::LastDay day;
        if (take('-')) {
            const auto before = number();
            if (!before) return before.error();
            if (*before < 1 || *before > 30) return errorAt(column(), "L-n takes 1 to 30 days");
            day.before = *before;
        }
        day.is_workday = take('W');
        fields_.last_days.push_back(day);
        return ended();
    }
    Status workday(int day) {
        take('W');
        fields_.workdays.set(static_cast<std::size_t>(day));
        return ended();
    }
    // FRI#2, 5L
    Status nthWeekday(int weekday) {
        Cron::WeekdayOfMonth day{weekday % 7, 0};
        if (!take('L')) {
            take('#');
            const auto nth = number();
            if (!nth) return nth.error();
            if (*nth < 1 || *nth > 5) return errorAt(column(), "# takes 1 to 5: MON#1 is the first Monday");
            day.nth = *nth;
        }
        fields_.nth_weekdays.push_back(day);
        return ended();
    }

    void set(int value) {
        const auto bit = static_cast<std::size_t>(value);
        if (type_.kind == Kind::Second) fields_.seconds.set(bit);
        if (type_.kind == Kind::Minute) fields_.minutes.set(bit);
        if (type_.kind == Kind::Hour) fields_.hours.set(bit);
        if (type_.kind == Kind::Day) fields_.days.set(bit);
        if (type_.kind == Kind::Month) fields_.months.set(bit);
        if (type_.kind == Kind::Weekday) fields_.weekdays.set(bit % 7);
        if (type_.kind == Kind::Year) fields_.years->set(bit - Cron::kFirstYear);
    }

    const FieldType& type_;
    const std::string text_;
    const std::size_t start_;
    Cron::Fields& fields_;
    std::size_t at_ = 0;
};

bool isOpen(const Word& word) {
    return word.text.front() == '*' || word.text.front() == '?';
}

Result<std::string_view> expanded(std::string_view text, const Word& word) {
    for (const auto& [name, fields] : kNamed) {
        const bool is_same = std::equal(name.begin(), name.end(), word.text.begin(), word.text.end(),
                                        [](char a, char b) { return upper(a) == b; });
        if (is_same) return fields;
    }
    if (text.find('@') == std::string_view::npos) return text;
    return errorAt(word.column,
                   "unknown name; use @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually or "
                   "@every 5m");
}

// "1h30m" as Go writes it, in hours, minutes and seconds.
Result<Cron::Fields> every(const Word& word) {
    constexpr std::int64_t kLongest = 366 * 86400;
    std::int64_t total = 0, number = 0;
    bool is_number = false;
    for (const char c : word.text) {
        const std::int64_t unit = c == 'H' ? 3600 : c == 'M' ? 60 : c == 'S' ? 1 : 0;
        if (c >= '0' && c <= '9' && number <= kLongest) {
            number = number * 10 + (c - '0');
            is_number = true;
        } else if (unit != 0 && is_number) {
            total += number * unit;
            number = 0;
            is_number = false;
        } else {
            total = 0;
            break;
        }
    }
    if (is_number || total < 1 || total > kLongest)
        return errorAt(word.column, "@every takes a time from 1s to a year, such as 30s, 5m or 1h30m");
    Cron::Fields fields;
    fields.every = std::chrono::seconds{total};
    return fields;
}

}  // namespace

Result<Cron::Fields> parseCronFields(std::string_view text) {
    auto words = wordsOf(text);
    if (words.size() == 2 && words[0].text == "@EVERY") return every(words[1]);
    if (!words.empty() && words[0].text.find('=') != std::string::npos)
        return errorAt(words[0].column, "the time zone does not stand in the expression, but beside it");
    if (words.size() == 1 && words[0].text.front() == '@') {
        const auto fields = expanded(text, words[0]);
        if (!fields) return fields.error();
        words = wordsOf(*fields);
    }
    if (words.size() < 5 || words.size() > 7)
        return errorAt(words.size() > 7 ? words[7].column : text.size() + 1,
                       "a cron expression has 5 fields (minute hour day month weekday), 6 with seconds in "
                       "front or 7 with the year behind, not " +
                           std::to_string(words.size()));
    Cron::Fields fields;
    const std::size_t skipped = words.size() == 5 ? 1 : 0;
    if (words.size() == 7 && words[6].text == "*") words.pop_back();
    if (words.size() == 7) fields.years.emplace();
    if (skipped == 1) fields.seconds.set(0);
    for (std::size_t i = 0; i < words.size(); ++i)
        if (auto done = FieldParser(kTypes[i + skipped], words[i], fields).parse(); !done)
            return done.error();
    const std::size_t minute = 1 - skipped;
    fields.is_wildcard = isOpen(words[minute]) || isOpen(words[minute + 1]);
    fields.any_day = isOpen(words[minute + 2]);
    fields.any_weekday = isOpen(words[minute + 4]);
    return fields;
}

}  // namespace signalbox::workflow
