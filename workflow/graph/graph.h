// What the engine takes from a React Flow export (v11 or v12, bare or wrapped, ours or of another product);
// the text itself is stored and given back as it came. Values only, no threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "workflow/graph/finding.h"

namespace signalbox::workflow {

// Editors keep a lot beside the logic; the text's length is limited besides (WorkflowStore::kMaxDraftBytes).
inline constexpr JsonLimits kGraphLimits{.max_depth = 64, .max_values = 1'000'000};

// Whose graph it is, told by the shape of its nodes.
enum class Dialect { Own, Dify, FlowiseAgentflow, FlowiseChatflow, Langflow };
const char* productName(Dialect dialect);  // "Dify" …

struct GraphNode {
    std::string id;
    std::string
        type;  // our node type's name; data.type or data.kind where node.type is "default", "custom" …
    std::string parent;  // parentId (v12) or parentNode (v11)
    Json data = Json::object();
    bool is_disabled = false;
    std::size_t index = 0;  // in the export's `nodes`
    // Of a node of another product: what it is called there, what its data was before it was mapped, and why
    // it was not (empty when it was). Then `type` is "dify.llm" …, which no node of ours is called.
    std::string kind, reason;
    Json original;
};

struct GraphEdge {
    std::string id;
    std::string source, target;
    std::string source_handle, target_handle;  // empty: none (null, missing and "" are the same)
    Json data = Json::object();
    std::size_t index = 0;  // in the export's `edges`
};

struct Graph {
    Dialect dialect = Dialect::Own;
    std::vector<GraphNode> nodes;                        // without groups and annotations
    std::vector<GraphEdge> edges;                        // without those that touch one
    std::vector<std::string> frames;                     // ids of the groups and annotations
    Json settings = Json::object();                      // "settings" beside the nodes: {"deadline_s": …}
    std::vector<Finding> faults;                         // nodes and edges that could not be read
    std::string nodes_at = "nodes", edges_at = "edges";  // where they stand in the export
};

// JSON, or YAML when it does not begin with a bracket. Errors: Invalid, when the text is neither or holds no
// nodes (code json_syntax, yaml_syntax, json_limit, no_graph).
Result<Graph> parseGraph(std::string_view text);

// The object with `nodes` and `edges` inside an export: bare, Langflow {data}, Dify {workflow: {graph}},
// Flowise {flowData: "…"} and whatever else wraps it in a few objects and lists; else what `arranged` makes
// of one. `holder` keeps what had to be made on the way.
struct FoundGraph {
    const Json* graph = nullptr;  // none: there is none
    std::size_t others = 0;       // graphs beside it, which are not read
    // Where its nodes and edges stand: "elements" for both where they are mixed, null in the other's places.
    std::string nodes_at = "nodes", edges_at = "edges";
};
FoundGraph findGraph(const Json& document, Json& holder);

// {nodes, edges} from other arrangements of the same: React Flow 9 (`elements`, also bare), nodes or edges by
// id, as JSON in a text, `links` and `connections` for edges (n8n, ComfyUI), initialNodes, blocks.
std::optional<Json> arranged(const Json& value);

}  // namespace signalbox::workflow
