// A published version made ready to run: indices instead of ids, expressions and templates compiled. Made
// once, immutable, shared by all runs of the version on any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "workflow/expr/expression.h"
#include "workflow/graph/graph.h"
#include "workflow/graph/node_policy.h"
#include "workflow/graph/regions.h"
#include "workflow/node_type.h"

namespace signalbox::workflow {

struct CompiledEdge {
    std::uint32_t source = 0, target = 0;
    std::uint32_t port = 0;    // index into the source's ports
    std::uint32_t region = 0;  // whose passes settle it
    EdgeRole role = EdgeRole::Plain;
    std::string input;  // what the target calls this input: its handle, else the source's id
    std::optional<Expression> condition;  // edge.data.condition: taken only when it holds
};

struct CompiledNode {
    std::string id;
    const NodeType* type = nullptr;
    Json params;
    std::unique_ptr<const Prepared> prepared;
    std::vector<std::string> ports;
    std::vector<std::uint32_t> out, in;  // edges
    bool is_disabled = false;            // passes its item on through its first port
    bool handles_errors = false;         // something is connected to "error"
    // What its expressions read besides the trigger:
    bool reads_item = false, reads_inputs = false;
    std::unique_ptr<const NodePolicy> policy;  // null: nothing said
    std::uint32_t hosts = 0;                   // the region that it repeats
};

// A part of the graph that is repeated; the first one is the whole workflow.
struct CompiledRegion {
    std::uint32_t host = 0, parent = 0;
    bool is_cycle = false;
    std::vector<std::uint32_t> nodes;   // with the hosts of the regions directly in it
    std::vector<std::uint32_t> starts;  // without an edge in it that leads to them
    std::vector<std::uint32_t> scope;   // whose outputs belong to its passes
    std::vector<std::uint32_t> exits;   // edges out of a cycle, also of cycles in it
};

struct CompiledWorkflow {
    Id org = 0;
    Id id = 0;
    std::int64_t version = 0;
    std::string name;
    std::vector<CompiledNode> nodes;  // in the order of the export
    std::vector<CompiledEdge> edges;
    std::vector<std::uint32_t> triggers;  // enabled ones
    bool has_respond = false;             // may answer the request that started it
    bool reads_nodes = false, reads_run = false, reads_env = false, reads_loop = false;
    bool reads_vars = false;
    Json variables = Json::object();  // settings.variables: what they are when a run begins
    std::vector<std::string> roots;   // members of the trigger's data that expressions read by bare name
    std::chrono::seconds deadline{24 * 3600};
    std::string error_workflow;          // settings.error_workflow: started with the failure of a run
    std::int64_t concurrency_limit = 0;  // settings.concurrency.limit: runs at once, for each key; 0: any
    std::optional<Expression> concurrency_key;
    std::vector<CompiledRegion> regions{CompiledRegion{}};
    std::int64_t max_executions = 10'000;  // of nodes, in one run

    const std::vector<std::uint32_t>& regionExits(std::uint32_t region) const {
        return regions[region].exits;
    }

    std::optional<std::uint32_t> find(std::string_view node_id) const;
};
// Shared: the catalog holds the current version while runs in progress still use theirs.
using WorkflowRef = std::shared_ptr<const CompiledWorkflow>;

// How long a run may last: settings.deadline_s of the graph, 24 hours unless given.
std::chrono::seconds deadlineOf(const Graph& graph);

struct WorkflowIdentity {
    Id org = 0, id = 0;
    std::int64_t version = 0;
    std::string name;
};

// The graph has passed lint without errors; `scripts` are those stored with the version. The error says what
// lint would have said.
Result<WorkflowRef> compile(const Graph& graph, const Json& scripts, const WorkflowIdentity& identity);

}  // namespace signalbox::workflow
