// The rule at the end of a zone file that says how the zone goes on for ever: "CET-1CEST,M3.5.0,M10.5.0/3"
// (POSIX TZ with the extension of RFC 8536: hours from -167 to 167). Pure values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

// A moment from which on another offset holds.
struct OffsetChange {
    std::chrono::sys_seconds at{};
    std::chrono::seconds offset{};
    std::string abbreviation;
};

class PosixTz {
public:
    static std::optional<PosixTz> parse(std::string_view text);

    // Without summer time there is one offset and no change.
    bool isFixed() const { return !summer_; }
    std::chrono::seconds standardOffset() const { return standard_.offset; }
    const std::string& standardName() const { return standard_.name; }
    // The changes of one year, in order.
    std::vector<OffsetChange> changesIn(std::chrono::year year) const;

private:
    struct Period {
        std::string name;
        std::chrono::seconds offset{};  // east of Greenwich
    };
    // When, in local time, a period begins.
    struct Rule {
        enum class Kind { MonthWeekDay, JulianDay, ZeroDay } kind = Kind::MonthWeekDay;
        int month = 0, week = 0, day = 0;
        std::chrono::seconds time{7200};
    };
    static std::chrono::sys_days dayOf(const Rule& rule, std::chrono::year year);
    friend class PosixTzReader;

    Period standard_;
    std::optional<Period> summer_;
    Rule begins_, ends_;
};

}  // namespace signalbox
