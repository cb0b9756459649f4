// Graphs of other products: whose a graph is, and what of it can honestly be done by nodes of ours. Only what
// the engine takes out of the text is changed, never the text. Pure; any thread. What each product writes is
// in workflow/graph/README.md.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "workflow/graph/graph.h"

namespace signalbox::workflow {

// By the shape of the nodes; Own when none of them looks like another product's.
Dialect dialectOf(const Json& nodes);
// What such a node is called in its product: "if-else", "conditionAgentflow", "ChatInput"; empty: it is one
// of ours.
std::string foreignKind(Dialect dialect, const Json& node);

// Gives mapped nodes our type and params and the edges that leave them our ports; the others keep a type that
// no node of ours has.
void mapForeign(Graph& graph);

// What a node of another product becomes here.
struct Counterpart {
    std::string type;
    Json params = Json::object();
    // Its handles and our ports; a handle that is not named keeps its name.
    std::vector<std::pair<std::string, std::string>> ports;
    std::string reason;  // why there is none; `type` is empty then
};
Counterpart difyCounterpart(const GraphNode& node);
Counterpart flowiseCounterpart(const GraphNode& node);
Counterpart langflowCounterpart(const GraphNode& node);

// What only the whole graph tells, once its nodes are mapped: the items and variables of Dify's containers;
// where a Flowise loop node leads back to.
void readContainers(Graph& graph);
void addLoopEdges(Graph& graph);
// What variables are at the beginning: of the state of a Flowise flow.
Json flowiseVariables(const Json& nodes);

// Langflow writes handles as JSON with œ for quotes; null when it is none.
Json langflowHandle(const std::string& handle);

// `nodes["id"].output["a"]["b"]`
std::string outputPath(const std::string& node, const std::vector<std::string>& members);
// Text as an expression's literal.
std::string literal(const std::string& text);

}  // namespace signalbox::workflow
