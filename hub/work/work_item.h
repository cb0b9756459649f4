// A work item as a value: from its row, to the API's shape, to the payload of its events. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hub/store/store.h"
#include "hub/work/work_form.h"
#include "hub/work/work_kind.h"

namespace signalbox {

struct WorkItem {
    const WorkKind* kind = nullptr;
    Id id = 0, org = 0;
    std::int64_t number = 0, revision = 1;
    std::string title, text, status, priority = "normal", source, source_reference, created_by;
    Id assignee = 0, person = 0, conversation = 0;  // 0: none
    std::optional<TimePoint> due_at, closed_at;
    Json fields = Json::object();
    TimePoint created_at{}, changed_at{};

    bool isClosed() const;
};

// The columns of itemFrom, in order.
inline constexpr std::string_view kWorkColumns =
    "id, org, kind, number, title, text, status, priority, assignee, person, conversation, due_at, source,"
    " source_reference, fields, revision, created_by, created_at, changed_at, closed_at";
WorkItem itemFrom(const Row& row);

// Takes over what the form gives; the names of what became different.
std::vector<std::string> apply(const WorkForm& form, WorkItem& item);

Json toJson(const WorkItem& item);
// Under the kind's name, with the members that schemas/events names (a lead's stage, a call's from and to …),
// and the person.
Json eventPayload(const WorkItem& item);

}  // namespace signalbox
