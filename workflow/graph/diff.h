// What changed between two graphs as people think of it: nodes and edges by id, data by path, layout apart.
// Order of arrays and keys means nothing. Pure; any thread.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace signalbox::workflow {

// {"is_same": no logic changed, "nodes": {"added": [{id, type}], "removed": […], "changed": [{id, type,
// changes: [{path, from, to}]}]}, "edges": {added, removed, changed}, "settings": [{path, from, to}],
// "layout": {"nodes": [ids], "edges": [ids], "other": […names]}}. A side that is not there is absent in a
// change. Errors: as parseGraph, with "from" or "to" before it.
Result<Json> diffGraphs(std::string_view from, std::string_view to);

}  // namespace signalbox::workflow
