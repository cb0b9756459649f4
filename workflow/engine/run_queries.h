// Runs as the API shows them. Reads only; any thread. What a conversation of a private mailbox started (while
// it was shared) is shown to those who see that conversation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "hub/access/visibility.h"
#include "hub/store/store.h"

namespace signalbox::workflow {

struct RunFilter {
    std::string workflow;  // name; empty: all
    std::string status;    // empty: all
    Id before = 0;         // runs older than this one; 0: from the newest
    std::size_t limit = 50;
    Id person = 0, conversation = 0, message = 0;  // whose messages started it; 0: all
    std::string node;                              // id of a node that ran in it; empty: all
    std::string error;                             // a part of the failure: code, message or node; empty: all
    std::optional<TimePoint> since, until;         // by its start
};

// {items: [{id, workflow, version, status, is_dry, trigger, conversation_id, error, started_at, ended_at}],
// next: id|null}, newest first. A search by message, node or error looks through 20,000 runs in a call:
// `next` may be there although the page is not full.
Json listRuns(Store& store, const Visibility& view, const RunFilter& filter);

// Failed and quarantined runs that the filter takes and that were not run again since, oldest first.
std::vector<Id> failedRuns(Store& store, const Visibility& view, const RunFilter& filter);

// {id, workflow, version, status, is_dry, trigger, input, result, error, started_at, ended_at, deadline_at,
// nodes:
// [{node, type, attempt, started_at, ended_at, input, output, port, error, logs, request}], waiting: [{node,
// kind, since, until, key}]}. `pinned` marks an entry that a retry took over.
std::optional<Json> showRun(Store& store, const Visibility& view, Id run);

// Whether `view` shows the run at all: asked before anything is done to it.
bool isRunShown(Store& store, const Visibility& view, Id run);

// Results of a long loop from the item `from` on: {loop, first_index, items: […], next: index|null}. Nothing
// when the organization has no such run.
std::optional<Json> listItems(Store& store, const Visibility& view, Id run, const std::string& loop,
                              std::int64_t from);

}  // namespace signalbox::workflow
