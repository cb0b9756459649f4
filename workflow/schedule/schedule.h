// What a schedule trigger asks for: when, and what to do about times that were missed. A value, read from the
// trigger's params once; any thread may ask.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "workflow/schedule/cron.h"

namespace signalbox::workflow {

enum class Misfire { FireOnce, Skip, CatchUp };

class Schedule {
public:
    // {"cron", "zone"} or {"every_s"} or {"at", "zone"}, and {"misfire", "catch_up"}. Errors: Invalid, each
    // naming the param.
    static Result<Schedule> read(const Json& params);

    // The first instant behind `after`. `anchor`: when the schedule was first known; intervals count from it.
    std::optional<std::chrono::sys_seconds> next(std::chrono::sys_seconds after,
                                                 std::chrono::sys_seconds anchor) const;

    // What is to be done now that `due` has come.
    struct Firing {
        std::vector<std::chrono::sys_seconds> instants;  // each starts a run
        std::int64_t missed = 0;                         // instants that start none
        std::optional<std::chrono::sys_seconds> next;
    };
    // `due` is not behind `now`. An instant is missed when another one has come since, or when it is ten
    // seconds old.
    Firing fire(std::chrono::sys_seconds due, std::chrono::sys_seconds anchor,
                std::chrono::sys_seconds now) const;

    const TimeZone& zone() const { return *zone_; }

private:
    const TimeZone* zone_ = &TimeZone::utc();
    std::optional<Cron> cron_;
    std::chrono::seconds every_{0};
    std::optional<std::chrono::sys_seconds> at_;
    Misfire misfire_ = Misfire::FireOnce;
    std::int64_t catch_up_ = 1;
};

}  // namespace signalbox::workflow
