// How long a node waits at most: the param `timeout_s`, a number or an expression; empty: for as long as the
// run may live. Immutable; any thread.
#pragma once

#include "base/clock.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow {

class TimeOut {
public:
    static Result<TimeOut> read(const Json& params);
    // Errors: Invalid when it is no number from 0 to a year.
    Result<std::optional<TimePoint>> deadline(const NodeInput& input) const;
    void collectNames(std::vector<std::string>& names) const { seconds_.collectNames(names); }

private:
    Params seconds_;
};

}  // namespace signalbox::workflow
