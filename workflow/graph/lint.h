// The check of a graph: everything that keeps it from running, or that its author should know, with node,
// edge and remedy. Called by the API's lint, and by publishing, which refuses on errors. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "workflow/graph/finding.h"
#include "workflow/graph/graph.h"
#include "workflow/lua/lua_runner.h"
#include "workflow/node_type.h"

namespace signalbox::workflow {

// Whether the organization has what a parameter names. kind: account, credential, calendar, workflow (what a
// schema says as x-reference), or channel (x-channel): an account that sends on it.
using KnowsReference = std::function<bool(std::string_view kind, const std::string& name)>;

// What can be looked up while checking; each may be null.
struct LintContext {
    LuaRunner* lua = nullptr;       // compiles scripts
    const Json* scripts = nullptr;  // {"name": "source"}: the scripts that nodes may name
    KnowsReference knows = {};
    std::optional<TimePoint> now = {};  // points of time are compared with it
};

std::vector<Finding> lint(const Graph& graph, const LintContext& context);
// The same for an export as it came; a text without a graph is one finding.
std::vector<Finding> lintText(std::string_view text, const LintContext& context);

// The port that an edge's sourceHandle means: its id; "case:<id>" is the same as "<id>"; without a handle (or
// with React Flow's bare "source") the only port. Null when there is none or it is not clear.
const Port* findPort(const std::vector<Port>& ports, const std::string& handle);
// The node's ports with "error" behind them.
std::vector<Port> portsOf(const NodeType& type, const Json& params);

// Parts of lint, each appending what it finds.
void lintStructure(const Graph& graph, std::vector<Finding>& findings);
void lintFlow(const Graph& graph, std::vector<Finding>& findings);
void lintParams(const GraphNode& node, const NodeType& type, const LintContext& context,
                std::vector<Finding>& findings);
// Joins that wait in vain, what expressions read, and waits that outlive the run.
void lintJoins(const Graph& graph, std::vector<Finding>& findings);
void lintNames(const Graph& graph, std::vector<Finding>& findings);
void lintWaits(const Graph& graph, std::optional<TimePoint> now, std::vector<Finding>& findings);
// Workflows that start themselves.
void lintCauses(const Graph& graph, std::vector<Finding>& findings);
void lintSecrets(const GraphNode& node, std::vector<Finding>& findings);
// Accounts, credentials, calendars and workflows that the organization does not have.
void lintReferences(const GraphNode& node, const NodeType& type, const LintContext& context,
                    std::vector<Finding>& findings);

}  // namespace signalbox::workflow
