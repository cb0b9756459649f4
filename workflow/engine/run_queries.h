// Runs as the API shows them. Reads only; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "hub/store/store.h"

namespace signalbox::workflow {

struct RunFilter {
    std::string workflow;  // name; empty: all
    std::string status;    // empty: all
    Id before = 0;         // runs older than this one; 0: from the newest
    std::size_t limit = 50;
};

// {items: [{id, workflow, version, status, is_dry, trigger, error, started_at, ended_at}], next: id|null},
// newest first.
Json listRuns(Store& store, Id org, const RunFilter& filter);

// {id, workflow, version, status, is_dry, trigger, input, result, error, started_at, ended_at, deadline_at,
// nodes:
// [{node, type, attempt, started_at, ended_at, input, output, port, error, logs, request}], waiting: [{node,
// kind, since, until, key}]}. `pinned` marks an entry that a retry took over.
std::optional<Json> showRun(Store& store, Id org, Id run);

}  // namespace signalbox::workflow
