// The text of a cron expression becomes its fields. Pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "workflow/schedule/cron.h"

namespace signalbox::workflow {

// Errors: Invalid with the column.
Result<Cron::Fields> parseCronFields(std::string_view text);

}  // namespace signalbox::workflow
