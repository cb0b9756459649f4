#include "workflow/graph/foreign.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "workflow/graph/map_dify.h"
#include "workflow/node_type.h"

namespace signalbox::workflow {
namespace {

constexpr std::array kDifyKinds = {"start",
                                   "end",
                                   "answer",
                                   "llm",
                                   "if-else",
                                   "code",
                                   "knowledge-retrieval",
                                   "question-classifier",
                                   "template-transform",
                                   "http-request",
                                   "tool",
                                   "parameter-extractor",
                                   "variable-aggregator",
                                   "variable-assigner",
                                   "assigner",
                                   "iteration",
                                   "iteration-start",
                                   "loop",
                                   "loop-start",
                                   "loop-end",
                                   "agent",
                                   "document-extractor",
                                   "list-operator",
                                   "human-input",
                                   "knowledge-index",
                                   "datasource",
                                   "trigger-webhook",
                                   "trigger-schedule",
                                   "trigger-plugin"};

bool isDifyKind(const std::string& kind) {
    return std::find(kDifyKinds.begin(), kDifyKinds.end(), kind) != kDifyKinds.end();
}

bool isDifyNode(const Json& node) {
    const std::string type = textAt(node, "type");
    return (type.empty() || type.starts_with("custom")) && isDifyKind(textAt(memberAt(node, "data"), "type"));
}

Dialect dialectOfNode(const Json& node) {
    const std::string type = textAt(node, "type");
    const Json& data = memberAt(node, "data");
    const std::string name = textAt(data, "name");
    if (name.ends_with("Agentflow") || type == "agentFlow") return Dialect::FlowiseAgentflow;
    if (type == "genericNode" && memberAt(data, "node").is_object()) return Dialect::Langflow;
    if (type == "customNode" && !name.empty() && memberAt(data, "inputAnchors").is_array())
        return Dialect::FlowiseChatflow;
    // A node of ours may be a "custom" one, too.
    const std::string kind = textAt(data, "type");
    if (isDifyNode(node) && findNodeType(kind) == nullptr) return Dialect::Dify;
    return Dialect::Own;
}

// "<node id>-output-<index>" → "<index>"; anything else as it is.
std::string flowisePort(const GraphEdge& edge) {
    const std::string start = edge.source + "-output-";
    return edge.source_handle.starts_with(start) ? edge.source_handle.substr(start.size())
                                                 : edge.source_handle;
}

void readHandles(Dialect dialect, GraphEdge& edge) {
    switch (dialect) {
        case Dialect::FlowiseAgentflow:
        case Dialect::FlowiseChatflow:
            edge.source_handle = flowisePort(edge);
            if (edge.target_handle == edge.target) edge.target_handle.clear();
            break;
        case Dialect::Langflow:
            if (const Json from = langflowHandle(edge.source_handle); from.is_object())
                edge.source_handle = textAt(from, "name");
            if (const Json to = langflowHandle(edge.target_handle); to.is_object())
                edge.target_handle = textAt(to, "fieldName", textAt(to, "name"));
            break;
        case Dialect::Dify:
            if (edge.target_handle == "target") edge.target_handle.clear();
            if (edge.source_handle == "fail-branch") edge.source_handle = "error";
            break;
        case Dialect::Own:
            break;
    }
}

Counterpart counterpartOf(Dialect dialect, const GraphNode& node) {
    switch (dialect) {
        case Dialect::Dify:
            return difyCounterpart(node);
        case Dialect::Langflow:
            return langflowCounterpart(node);
        default:
            return flowiseCounterpart(node);
    }
}

}  // namespace

const char* productName(Dialect dialect) {
    switch (dialect) {
        case Dialect::Dify:
            return "Dify";
        case Dialect::FlowiseAgentflow:
        case Dialect::FlowiseChatflow:
            return "Flowise";
        case Dialect::Langflow:
            return "Langflow";
        case Dialect::Own:
            break;
    }
    return "signalbox";
}

Dialect dialectOf(const Json& nodes) {
    for (const auto& node : nodes) {
        if (const Dialect dialect = dialectOfNode(node); dialect != Dialect::Own) return dialect;
    }
    return Dialect::Own;
}

std::string foreignKind(Dialect dialect, const Json& node) {
    const std::string type = textAt(node, "type");
    const Json& data = memberAt(node, "data");
    switch (dialect) {
        case Dialect::Dify:
            if (isDifyNode(node)) return textAt(data, "type");
            // A kind of a later Dify: nothing of ours is meant.
            return type == "custom" && findNodeType(textAt(data, "type")) == nullptr ? textAt(data, "type")
                                                                                     : "";
        case Dialect::FlowiseAgentflow:
        case Dialect::FlowiseChatflow:
            return findNodeType(type) == nullptr ? textAt(data, "name") : "";
        case Dialect::Langflow:
            return type == "genericNode" ? textAt(data, "type", "component") : "";
        case Dialect::Own:
            break;
    }
    return "";
}

void mapForeign(Graph& graph) {
    if (graph.dialect == Dialect::Own) return;
    std::unordered_map<std::string, std::vector<std::pair<std::string, std::string>>> ports;
    for (auto& node : graph.nodes) {
        if (node.kind.empty()) continue;
        Counterpart found = counterpartOf(graph.dialect, node);
        node.reason = std::move(found.reason);
        node.original = std::move(node.data);
        node.data = std::move(found.params);
        if (found.type.empty()) continue;
        node.type = std::move(found.type);
        ports.emplace(node.id, std::move(found.ports));
    }
    for (auto& edge : graph.edges) {
        const auto mapped = ports.find(edge.source);
        readHandles(graph.dialect, edge);
        if (mapped == ports.end()) continue;
        for (const auto& [handle, port] : mapped->second) {
            if (edge.source_handle != handle && (handle != "*" || edge.source_handle == "error")) continue;
            edge.source_handle = port;
            break;
        }
    }
    if (graph.dialect == Dialect::Dify) {
        joinResults(graph);
        readContainers(graph);
        giveDefaults(graph);
    }
    if (graph.dialect == Dialect::FlowiseAgentflow) addLoopEdges(graph);
}

std::string literal(const std::string& text) {
    return dumpJson(Json(text));
}

std::string outputPath(const std::string& node, const std::vector<std::string>& members) {
    std::string out = "nodes[" + literal(node) + "].output";
    for (const auto& member : members) out += "[" + literal(member) + "]";
    return out;
}

}  // namespace signalbox::workflow
