// Times as text by a pattern of % letters, in a zone and in English, whatever the machine's locale is.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/time_zone.h"

namespace signalbox::workflow::expr {

// The years 1 to 9999 in seconds since 1970.
inline constexpr double kFirstSecond = -62135596800.0, kLastSecond = 253402300799.0;

// %Y 2026  %y 26  %m 01  %d 05  %e 5  %H 09  %I 09  %p AM  %M 00  %S 00  %L 123 (ms)  %j 005
// %A Monday  %a Mon  %u 1 (Monday)  %B January  %b Jan  %s seconds since 1970  %F %Y-%m-%d  %T %H:%M:%S  %z
// +01:00  %Z CET  %% Errors: Invalid for any other letter.
Result<std::string> formatDate(TimePoint time, std::string_view pattern, const TimeZone& zone);

}  // namespace signalbox::workflow::expr
