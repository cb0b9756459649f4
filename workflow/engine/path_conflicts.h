// Doors that workflows open themselves (trigger.webhook, trigger.form): two at one path would leave the
// second one never called. Called when a draft is checked and when it is published; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "hub/store/store.h"
#include "workflow/graph/finding.h"
#include "workflow/graph/graph.h"

namespace signalbox::workflow {

// Paths of the graph that another published workflow of the organization has, or another node of this one.
// ":id" and ":name" are the same; webhooks conflict only when they share a method.
std::vector<Finding> pathConflicts(Store& store, Id org, const std::string& name, const Graph& graph);

}  // namespace signalbox::workflow
