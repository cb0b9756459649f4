// What people and workflows write about a work item, checked and typed. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "hub/work/work_kind.h"

namespace signalbox {

// Members that were not given stay empty and change nothing; an Id of 0 takes a link away.
struct WorkForm {
    std::optional<std::string> title, text, status, priority, source, source_reference;
    std::optional<Id> assignee, person, conversation;
    std::optional<std::optional<TimePoint>> due_at;  // the inner one empty: no longer due
    Json fields = Json::object();                    // members that are set; null takes one away
};

// {"title", "text", "status" (or "stage"), "priority" (low, normal, high, urgent), "assignee_id",
// "person_id", "conversation_id", "due_at" (RFC 3339), "source", "source_reference", "fields"}. Invalid names
// the member; unknown members are faults.
Result<WorkForm> readWorkForm(const WorkKind& kind, const Json& json);

}  // namespace signalbox
