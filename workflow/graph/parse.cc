#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_set>

#include "workflow/graph/document.h"
#include "workflow/graph/foreign.h"
#include "workflow/graph/graph.h"
#include "workflow/graph/map_dify.h"

namespace signalbox::workflow {
namespace {

// As they are called without case, dashes and "node" behind them: stickyNote, sticky-note, noteNode …
constexpr std::array kAnnotations = {
    "group", "annotation", "stickynote", "sticky", "note", "comment", "customnote", "stickynoteagentflow",
    // Where the children of a Dify container begin; its counterpart needs no such node.
    "iterationstart", "loopstart"};
constexpr std::array kGenericTypes = {"", "default", "custom", "customNode", "input", "output"};

template <class List>
bool contains(const List& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

bool isAnnotation(const std::string& type) {
    std::string name;
    for (const char c : type) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    if (name.size() > 4 && name.ends_with("node")) name.resize(name.size() - 4);
    return contains(kAnnotations, name) || name.ends_with("stickynote");
}

// Ids may be numbers in hand-made files.
std::string idIn(const Json& object, const char* key) {
    const Json& value = memberAt(object, key);
    if (value.is_string()) return value.get<std::string>();
    return value.is_number() ? dumpJson(value) : "";
}

std::string typeOf(const Json& node, const Json& data) {
    const std::string type = textAt(node, "type");
    if (!contains(kGenericTypes, type)) return type;
    for (const char* key : {"type", "kind", "nodeType"}) {
        const std::string inner = textAt(data, key);
        if (!inner.empty()) return inner;
    }
    if (const std::string flow = textAt(node, "flowNodeType"); !flow.empty()) return flow;
    return type.empty() ? "default" : type;
}

Json dataOf(const Json& object) {
    const Json& data = memberAt(object, "data");
    return data.is_object() ? data : Json::object();
}

class Parser {
public:
    Parser(const FoundGraph& found, const Json& whole)
        : document_(*found.graph), whole_(whole), is_mixed_(found.nodes_at == found.edges_at) {
        graph_.nodes_at = found.nodes_at;
        graph_.edges_at = found.edges_at;
        if (found.others == 0) return;
        graph_.faults.push_back({"several_graphs", Severity::Warning, "", "",
                                 std::to_string(found.others + 1) + " graphs are in it; the first is read",
                                 "send each as a workflow of its own"});
    }

    Graph run() {
        graph_.dialect = dialectOf(memberAt(document_, "nodes"));
        std::size_t index = 0;
        for (const auto& node : memberAt(document_, "nodes")) takeNode(node, index++);
        index = 0;
        for (const auto& edge : memberAt(document_, "edges")) takeEdge(edge, index++);
        if (memberAt(document_, "settings").is_object()) graph_.settings = document_["settings"];
        if (graph_.dialect == Dialect::Dify && !graph_.settings.contains("variables"))
            graph_.settings["variables"] = difyVariables(whole_);
        if (graph_.dialect == Dialect::FlowiseAgentflow && !graph_.settings.contains("variables"))
            graph_.settings["variables"] = flowiseVariables(memberAt(document_, "nodes"));
        mapForeign(graph_);
        return std::move(graph_);
    }

private:
    void takeNode(const Json& json, std::size_t index) {
        if (is_mixed_ && json.is_null()) return;
        GraphNode node;
        node.id = idIn(json, "id");
        if (node.id.empty()) node.id = idIn(json, "nodeId");  // FastGPT
        if (node.id.empty()) {
            const std::string place = graph_.nodes_at + "[" + std::to_string(index) + "]";
            graph_.faults.push_back({"node_without_id", Severity::Error, "", "", place + " has no id",
                                     "give it an id that no other node of the graph has", place});
            return;
        }
        node.index = index;
        node.data = dataOf(json);
        node.type = typeOf(json, node.data);
        node.kind = foreignKind(graph_.dialect, json);
        if (isAnnotation(node.type) || isAnnotation(node.kind)) {
            annotations_.insert(node.id);
            graph_.frames.push_back(node.id);
            return;
        }
        if (!node.kind.empty()) node.type = lower(productName(graph_.dialect)) + "." + node.kind;
        node.parent = idIn(json, "parentId");
        if (node.parent.empty()) node.parent = idIn(json, "parentNode");
        node.is_disabled = flagAt(node.data, "disabled");
        graph_.nodes.push_back(std::move(node));
    }

    void takeEdge(const Json& json, std::size_t index) {
        if (is_mixed_ && json.is_null()) return;
        GraphEdge edge;
        edge.index = index;
        edge.id = idIn(json, "id");
        if (edge.id.empty()) edge.id = "edges[" + std::to_string(index) + "]";
        edge.source = idIn(json, "source");
        edge.target = idIn(json, "target");
        if (edge.source.empty()) edge.source = idIn(json, "sourceNodeID");  // Flowgram
        if (edge.target.empty()) edge.target = idIn(json, "targetNodeID");
        if (annotations_.contains(edge.source) || annotations_.contains(edge.target)) return;
        edge.source_handle = idIn(json, "sourceHandle");
        if (edge.source_handle.empty()) edge.source_handle = idIn(json, "sourcePortID");
        edge.target_handle = idIn(json, "targetHandle");
        edge.data = dataOf(json);
        graph_.edges.push_back(std::move(edge));
    }

    const Json& document_;
    const Json& whole_;  // with what is around the graph
    const bool is_mixed_;
    Graph graph_;
    std::unordered_set<std::string> annotations_;
};

}  // namespace

Result<Graph> parseGraph(std::string_view text) {
    auto document = parseDocument(text, kGraphLimits);
    if (!document) return withContext("workflow", document.error());
    Json holder;
    const auto found = findGraph(*document, holder);
    if (found.graph == nullptr) {
        return Error{
            ErrorKind::Invalid,
            "workflow: no nodes found; send what toObject() of React Flow gives: {nodes, edges, viewport}",
            {},
            "no_graph"};
    }
    return Parser(found, *document).run();
}

}  // namespace signalbox::workflow
