#include <algorithm>
#include <array>
#include <unordered_set>

#include "workflow/graph/graph.h"

namespace signalbox::workflow {
namespace {

constexpr std::array kAnnotations = {"group",  "annotation", "annotationNode", "stickyNote", "sticky-note",
                                     "sticky", "note",       "noteNode",       "comment",    "custom-note"};
constexpr std::array kGenericTypes = {"", "default", "custom", "customNode", "input", "output"};

template <class List>
bool contains(const List& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
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
    for (const char* key : {"type", "kind"}) {
        const std::string inner = textAt(data, key);
        if (!inner.empty()) return inner;
    }
    return type.empty() ? "default" : type;
}

Json dataOf(const Json& object) {
    const Json& data = memberAt(object, "data");
    return data.is_object() ? data : Json::object();
}

class Parser {
public:
    explicit Parser(const Json& document) : document_(document) {}

    Graph run() {
        std::size_t index = 0;
        for (const auto& node : memberAt(document_, "nodes")) takeNode(node, index++);
        index = 0;
        for (const auto& edge : memberAt(document_, "edges")) takeEdge(edge, index++);
        if (memberAt(document_, "settings").is_object()) graph_.settings = document_["settings"];
        return std::move(graph_);
    }

private:
    void takeNode(const Json& json, std::size_t index) {
        GraphNode node;
        node.id = idIn(json, "id");
        if (node.id.empty()) {
            fault("node_without_id", "nodes[" + std::to_string(index) + "] has no id");
            return;
        }
        node.data = dataOf(json);
        node.type = typeOf(json, node.data);
        if (contains(kAnnotations, node.type)) {
            annotations_.insert(node.id);
            return;
        }
        node.parent = idIn(json, "parentId");
        if (node.parent.empty()) node.parent = idIn(json, "parentNode");
        node.is_disabled = flagAt(node.data, "disabled");
        graph_.nodes.push_back(std::move(node));
    }

    void takeEdge(const Json& json, std::size_t index) {
        GraphEdge edge;
        edge.id = idIn(json, "id");
        if (edge.id.empty()) edge.id = "edges[" + std::to_string(index) + "]";
        edge.source = idIn(json, "source");
        edge.target = idIn(json, "target");
        if (annotations_.contains(edge.source) || annotations_.contains(edge.target)) return;
        edge.source_handle = idIn(json, "sourceHandle");
        edge.target_handle = idIn(json, "targetHandle");
        edge.data = dataOf(json);
        graph_.edges.push_back(std::move(edge));
    }

    void fault(const char* code, std::string message) {
        graph_.faults.push_back({code, Severity::Error, "", "", std::move(message),
                                 "give it an id that no other node of the graph has"});
    }

    const Json& document_;
    Graph graph_;
    std::unordered_set<std::string> annotations_;
};

}  // namespace

Result<Graph> parseGraph(std::string_view text) {
    auto document = parseJson(text, kGraphLimits);
    if (!document) return withContext("workflow", document.error());
    Json holder;
    const Json* found = findGraph(*document, holder);
    if (found == nullptr) {
        return Error{
            ErrorKind::Invalid,
            "workflow: no nodes found; send what toObject() of React Flow gives: {nodes, edges, viewport}",
            {},
            "no_graph"};
    }
    return Parser(*found).run();
}

}  // namespace signalbox::workflow
