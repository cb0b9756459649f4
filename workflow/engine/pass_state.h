// The text form of a pass. Used by run_state.cc.
#pragma once

#include "workflow/engine/run_state.h"

namespace signalbox::workflow {

Json toJson(const Pass& pass);
// Invalid when it does not fit the version. Takes values out of `json`.
Result<Pass> passFrom(const CompiledWorkflow& workflow, Json& json);

}  // namespace signalbox::workflow
