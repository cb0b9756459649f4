// Kinds of messages of work in the field: what belongs into their content. Pure.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace signalbox {

// equipment_request {"items": [{"name", "quantity"?}], "needed_at"?, "place"?}
// incident_report   {"severity": low|medium|high|critical, "happened_at"?, "place"?, "is_anyone_hurt"?,
// "details"?} time_log          {"started_at", "ended_at" | "minutes", "activity"?} location {"latitude",
// "longitude", "label"?} Other members are kept. Invalid, naming the member; other kinds pass.
Status checkFieldContent(std::string_view kind, const Json& content);

}  // namespace signalbox
