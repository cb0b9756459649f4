#include "workflow/time_out.h"

#include <cmath>

namespace signalbox::workflow {
namespace {

constexpr double kMaxSeconds = 366.0 * 24 * 3600;

}  // namespace

Result<TimeOut> TimeOut::read(const Json& params) {
    auto seconds = Params::compile(memberAt(params, "timeout_s"));
    if (!seconds) return withContext("timeout_s", seconds.error());
    TimeOut out;
    out.seconds_ = std::move(*seconds);
    return out;
}

Result<std::optional<TimePoint>> TimeOut::deadline(const NodeInput& input) const {
    const auto value = seconds_.render(input.scope);
    if (!value) return withContext("timeout_s", value.error());
    if (value->is_null() || *value == "") return std::optional<TimePoint>();
    const auto seconds = numberIn(*value);
    if (!seconds || *seconds < 0 || *seconds > kMaxSeconds)
        return Error{ErrorKind::Invalid, "timeout_s: must be a number from 0 to 31622400"};
    return std::optional(input.now + std::chrono::microseconds(std::llround(*seconds * 1e6)));
}

}  // namespace signalbox::workflow
