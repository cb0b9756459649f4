// Time zones by their IANA names, from the system's tzdata (/usr/share/zoneinfo, or the folder in TZDIR).
// Zones are read once, kept for the life of the process and never change: any thread, no lock after `find`.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/posix_tz.h"
#include "base/result.h"

namespace signalbox {

class TimeZone {
public:
    // "Europe/Berlin", "UTC". Errors: NotFound (no such zone, or tzdata is not installed), Invalid (a broken
    // file).
    static Result<const TimeZone*> find(std::string_view name);
    // From the bytes of a TZif file (RFC 8536, version 2 and later).
    static Result<TimeZone> parse(std::string name, std::string_view bytes);
    static const TimeZone& utc();

    const std::string& name() const { return name_; }
    std::chrono::seconds offsetAt(std::chrono::sys_seconds time) const;
    std::string abbreviationAt(std::chrono::sys_seconds time) const;
    std::chrono::local_seconds toLocal(std::chrono::sys_seconds time) const {
        return std::chrono::local_seconds{time.time_since_epoch() + offsetAt(time)};
    }
    // The first moment behind `time` at which the offset changes.
    std::optional<std::chrono::sys_seconds> nextChange(std::chrono::sys_seconds time) const;
    // The moment at which clocks show `local`: the first of two when clocks are put back, the end of the gap
    // when they are put forward over it.
    std::chrono::sys_seconds toUtc(std::chrono::local_seconds local) const;
    // Whether clocks never show it.
    bool isInGap(std::chrono::local_seconds local) const;

private:
    OffsetChange periodAt(std::chrono::sys_seconds time) const;

    std::string name_;
    OffsetChange first_;                 // before the first change
    std::vector<OffsetChange> changes_;  // in order
    std::optional<PosixTz> rule_;        // behind the last of them
};

// RFC 3339 with the zone's offset and no fraction: 2026-03-29T03:00:00+02:00.
std::string toRfc3339(std::chrono::sys_seconds time, const TimeZone& zone);

}  // namespace signalbox
