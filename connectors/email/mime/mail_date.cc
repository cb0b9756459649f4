#include "connectors/email/mime/mail_date.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <vector>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/header_text.h"

namespace signalbox::mime {
namespace {

struct Moment {
    int year = -1, month = -1, day = -1, hour = 0, minute = 0, second = 0;
    int offset_minutes = 0;
    bool has_time = false, is_offset_unknown = true;
};

constexpr std::array<const char*, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                 "jul", "aug", "sep", "oct", "nov", "dec"};

struct Zone {
    const char* name;
    int minutes;
};
constexpr auto kZones = std::to_array<Zone>(
    {{"ut", 0},     {"gmt", 0},    {"utc", 0},    {"z", 0},      {"est", -300}, {"edt", -240},
     {"cst", -360}, {"cdt", -300}, {"mst", -420}, {"mdt", -360}, {"pst", -480}, {"pdt", -420},
     {"cet", 60},   {"cest", 120}, {"met", 60},   {"mest", 120}, {"bst", 60},   {"wet", 0},
     {"eet", 120},  {"eest", 180}, {"msk", 180},  {"jst", 540},  {"kst", 540},  {"ist", 330}});

int numberIn(std::string_view text) {
    int value = 0;
    for (const char c : text) {
        if (!isDigit(c) || value > 99'999) return -1;
        value = value * 10 + (c - '0');
    }
    return text.empty() ? -1 : value;
}

std::vector<std::string> pieces(std::string_view text, std::string_view separators) {
    std::vector<std::string> found(1);
    for (const char c : text) {
        if (separators.find(c) != std::string_view::npos)
            found.emplace_back();
        else
            found.back().push_back(c);
    }
    return found;
}

int monthOf(std::string_view word) {
    if (word.size() < 3) return -1;
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
        if (startsIgnoringCase(word, kMonths[i])) return static_cast<int>(i) + 1;
    }
    return -1;
}

int fullYear(int year, std::size_t digits) {
    if (year < 0 || digits == 4) return year;
    if (digits == 3) return 1900 + year;
    return year < 50 ? 2000 + year : 1900 + year;
}

bool readTime(std::string_view word, Moment& moment) {
    bool is_afternoon = false, is_morning = false;
    if (word.size() > 2 && equalsIgnoringCase(word.substr(word.size() - 2), "pm")) is_afternoon = true;
    if (word.size() > 2 && equalsIgnoringCase(word.substr(word.size() - 2), "am")) is_morning = true;
    if (is_afternoon || is_morning) word.remove_suffix(2);
    if (const auto dot = word.find(','); dot != std::string_view::npos) word = word.substr(0, dot);
    const auto parts = pieces(word, contains(word, ":") ? ":" : ".");
    if (parts.size() < 2 || parts.size() > 4) return false;
    const int hour = numberIn(parts[0]), minute = numberIn(parts[1]);
    const int second =
        parts.size() > 2 ? numberIn(std::string_view(parts[2]).substr(0, parts[2].find('.'))) : 0;
    if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
    moment.hour = hour % 12 + (is_afternoon ? 12 : 0);
    if (!is_afternoon && !is_morning) moment.hour = hour == 24 ? 23 : hour;
    moment.minute = minute;
    moment.second = second == 60 ? 59 : second;
    moment.has_time = true;
    return true;
}

bool readOffset(std::string_view word, Moment& moment) {
    if (startsIgnoringCase(word, "gmt") || startsIgnoringCase(word, "utc")) {
        if (word.size() > 3) word.remove_prefix(3);
    }
    if (word.starts_with('+') || word.starts_with('-')) {
        std::string digits;
        for (const char c : word.substr(1)) {
            if (isDigit(c)) digits.push_back(c);
        }
        if (digits.empty() || digits.size() > 4) return false;
        const bool is_hours = digits.size() <= 2;
        const int value = numberIn(digits);
        const int hours = is_hours ? value : value / 100, minutes = is_hours ? 0 : value % 100;
        if (hours > 23 || minutes > 59) return true;
        moment.offset_minutes = (hours * 60 + minutes) * (word[0] == '-' ? -1 : 1);
        moment.is_offset_unknown = false;
        return true;
    }
    for (const Zone& zone : kZones) {
        if (!equalsIgnoringCase(word, zone.name)) continue;
        moment.offset_minutes = zone.minutes;
        moment.is_offset_unknown = false;
        return true;
    }
    return false;
}

// 2026-01-02, 2026/01/02, 2-Jan-2026, 02.01.2026, 1/2/2026 (month first, as those who write it do).
bool readJoinedDate(std::string_view word, Moment& moment) {
    const auto parts = pieces(word, "-/.");
    if (parts.size() != 3) return false;
    const int a = numberIn(parts[0]), b = numberIn(parts[1]), c = numberIn(parts[2]);
    if (parts[0].size() == 4 && a > 0 && b >= 1 && b <= 12 && c >= 1) {
        moment.year = a, moment.month = b, moment.day = c;
        return true;
    }
    if (const int month = monthOf(parts[1]); month > 0 && a > 0 && c >= 0) {
        moment.day = a, moment.month = month, moment.year = fullYear(c, parts[2].size());
        return true;
    }
    if (a < 1 || b < 1 || c < 0) return false;
    const bool is_day_first = contains(word, ".") || a > 12;
    moment.day = is_day_first ? a : b;
    moment.month = is_day_first ? b : a;
    moment.year = fullYear(c, parts[2].size());
    return moment.month <= 12;
}

void readWord(std::string_view word, Moment& moment) {
    while (!word.empty() && (word.back() == ',' || word.back() == '.')) word.remove_suffix(1);
    if (word.empty()) return;
    if (word.size() > 10 && word[4] == '-' && (word[10] == 'T' || word[10] == 't')) {
        readJoinedDate(word.substr(0, 10), moment);
        const std::string_view rest = word.substr(11);
        const auto zone = rest.find_first_of("+-Zz");
        readTime(rest.substr(0, zone), moment);
        if (zone != std::string_view::npos) readOffset(rest.substr(zone), moment);
        return;
    }
    if (moment.month < 0 && monthOf(word) > 0) {
        moment.month = monthOf(word);
        return;
    }
    // «11:36:12+0000» has no space either.
    if (const auto sign = word.find_first_of("+-"); !moment.has_time && isDigit(word[0]) &&
                                                    sign < word.size() && word.rfind(':', sign) < sign &&
                                                    readTime(word.substr(0, sign), moment)) {
        readOffset(word.substr(sign), moment);
        return;
    }
    if (!moment.has_time && isDigit(word[0]) && contains(word, ":") && readTime(word, moment)) return;
    if (moment.year < 0 && isDigit(word[0]) && word.find_first_of("-/.") != std::string_view::npos &&
        readJoinedDate(word, moment))
        return;
    if (!moment.has_time && moment.year >= 0 && isDigit(word[0]) && contains(word, ".") &&
        readTime(word, moment))
        return;
    if (const int number = numberIn(word); number >= 0) {
        if (moment.day < 0 && word.size() <= 2)
            moment.day = number;
        else if (moment.year < 0)
            moment.year = fullYear(number, word.size());
        return;
    }
    if (moment.has_time && moment.is_offset_unknown && readOffset(word, moment)) return;
    if (moment.has_time && equalsIgnoringCase(word, "pm") && moment.hour < 12) moment.hour += 12;
    if (moment.has_time && equalsIgnoringCase(word, "am") && moment.hour == 12) moment.hour = 0;
}

std::string withoutComments(std::string_view text) {
    std::string out;
    int depth = 0;
    for (const char c : text) {
        if (c == '(') ++depth;
        if (depth == 0) out.push_back(c);
        if (c == ')' && depth > 0) --depth, out.push_back(' ');
    }
    return out;
}

}  // namespace

std::string parseMailDate(std::string_view raw) {
    std::string text = withoutComments(unfold(raw.substr(0, 500)));
    // «Fri,2 Jan» has no space.
    for (char& c : text) {
        if (c == ',' || c == '\t' || c == ';') c = ' ';
    }
    // «09 : 55 : 06»
    for (auto colon = text.find(" :"); colon != std::string::npos; colon = text.find(" :"))
        text.erase(colon, 1);
    for (auto colon = text.find(": "); colon != std::string::npos; colon = text.find(": "))
        text.erase(colon + 1, 1);
    Moment moment;
    for (std::size_t at = 0; at < text.size();) {
        const auto begin = text.find_first_not_of(' ', at);
        if (begin == std::string::npos) break;
        at = std::min(text.find(' ', begin), text.size());
        readWord(std::string_view(text).substr(begin, at - begin), moment);
    }
    const std::chrono::year_month_day date{
        std::chrono::year{moment.year}, std::chrono::month{static_cast<unsigned>(std::max(moment.month, 0))},
        std::chrono::day{static_cast<unsigned>(std::max(moment.day, 0))}};
    if (moment.year < 1900 || moment.year > 9999 || !date.ok()) return "";
    const int offset = std::abs(moment.offset_minutes);
    std::array<char, 64> buffer;
    std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", moment.year,
                  moment.month, moment.day, moment.hour, moment.minute, moment.second,
                  moment.offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
    return buffer.data();
}

}  // namespace signalbox::mime
