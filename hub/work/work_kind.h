// The kinds of work items and the words of their life. Constants; any thread.
#pragma once

#include <string_view>
#include <vector>

namespace signalbox {

struct WorkKind {
    std::string_view name;    // "ticket", also the member of its events
    std::string_view plural;  // "tickets", the API's path and the rights' area
    std::string_view prefix;  // of its ids
    std::string_view first;   // the status it begins with
    std::vector<std::string_view>
        statuses;                          // empty: any word (the stages of leads are the organization's own)
    std::vector<std::string_view> closed;  // those that end it
    std::string_view moved;  // the event of a new status; a "*" in it stands for the status ("call.*")
};

// ticket, task, lead, call.
const std::vector<WorkKind>& workKinds();
// Null for any other name.
const WorkKind* findWorkKind(std::string_view name);

}  // namespace signalbox
