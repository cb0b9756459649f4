// Nodes and edges that editors keep in other ways than {nodes: […], edges: […]}.
#include <algorithm>

#include "workflow/graph/graph.h"

namespace signalbox::workflow {
namespace {

std::string textOf(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_number() ? dumpJson(value) : "";
}

const Json& either(const Json& object, std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (const Json& member = memberAt(object, name); !member.is_null()) return member;
    return memberAt(object, "");
}

bool isEdge(const Json& value) {
    return value.is_object() && value.contains("source") && value.contains("target");
}
bool isPlacedNode(const Json& value) {
    return value.is_object() && value.contains("id") &&
           (memberAt(value, "position").is_object() || memberAt(value, "__rf").is_object());
}

// React Flow 9 and 10 kept both in one list.
std::optional<Json> fromElements(const Json& list, const std::string& where) {
    if (!list.is_array() || list.empty()) return std::nullopt;
    const bool are_elements = std::all_of(list.begin(), list.end(),
                                          [](const Json& one) { return isEdge(one) || isPlacedNode(one); });
    if (!are_elements || std::none_of(list.begin(), list.end(), isPlacedNode)) return std::nullopt;
    Json out = {{"nodes", Json::array()}, {"edges", Json::array()}, {"mixed", where}};
    for (const auto& one : list) {
        out["nodes"].push_back(isEdge(one) ? Json() : one);
        out["edges"].push_back(isEdge(one) ? one : Json());
    }
    return out;
}

// A list, also of what is kept by id or as JSON in a text.
std::optional<Json> listOf(const Json& value) {
    if (value.is_array()) return value;
    if (value.is_string()) {
        auto parsed = parseJson(value.get_ref<const std::string&>(), kGraphLimits);
        return parsed && parsed->is_array() ? std::optional<Json>(std::move(*parsed)) : std::nullopt;
    }
    if (!value.is_object()) return std::nullopt;
    Json out = Json::array();
    for (const auto& [key, member] : value.items()) {
        if (!member.is_object()) return std::nullopt;
        out.push_back(member);
        if (!member.contains("id")) out.back()["id"] = key;
    }
    return out;
}

// ComfyUI and LiteGraph: [id, from, output, to, input, type].
Json edgeOfLink(const Json& link) {
    Json out;
    if (!link.is_array() || link.size() < 5) return link;
    out["id"] = textOf(link[0]);
    out["source"] = textOf(link[1]);
    out["sourceHandle"] = textOf(link[2]);
    out["target"] = textOf(link[3]);
    out["targetHandle"] = textOf(link[4]);
    return out;
}

// Ends may be called from and to, and be objects that name a node.
Json edgeOfConnection(const Json& one) {
    if (!one.is_object() || isEdge(one)) return one;
    Json out = one;
    const auto end = [&](const Json& value) {
        return value.is_object() ? either(value, {"node", "nodeId", "id"}) : value;
    };
    out["source"] = end(either(one, {"from", "sourceId", "sourceNodeId", "source"}));
    out["target"] = end(either(one, {"to", "targetId", "targetNodeId", "target"}));
    if (!out.contains("sourceHandle")) out["sourceHandle"] = either(one, {"fromPort", "outputId"});
    return out;
}

// n8n: {"<name>": {"main": [[{node, type, index}, …], …]}}; its nodes are called by their names.
bool isByName(const Json& connections) {
    return connections.is_object() &&
           std::all_of(connections.begin(), connections.end(), [](const Json& outputs) {
               return outputs.is_object() && std::all_of(outputs.begin(), outputs.end(),
                                                         [](const Json& of) { return of.is_array(); });
           });
}
Json fromNames(const Json& nodes, const Json& connections) {
    Json out = {{"nodes", nodes}, {"edges", Json::array()}};
    for (auto& node : out["nodes"])
        if (node.is_object() && memberAt(node, "name").is_string()) node["id"] = node["name"];
    for (const auto& [name, outputs] : connections.items()) {
        for (const auto& [kind, ports] : outputs.items()) {
            for (std::size_t port = 0; port < ports.size(); ++port) {
                const std::string handle = (kind == "main" ? "" : kind + ":") + std::to_string(port);
                for (const auto& end : ports[port].is_array() ? ports[port] : Json::array()) {
                    const std::string target = textAt(end, "node");
                    out["edges"].push_back({{"id", name + "/" + handle + "/" + target + "/" +
                                                       std::to_string(numberAt(end, "index"))},
                                            {"source", name},
                                            {"sourceHandle", handle},
                                            {"target", target},
                                            {"targetHandle", std::to_string(numberAt(end, "index"))}});
                }
            }
        }
    }
    return out;
}

}  // namespace

std::optional<Json> arranged(const Json& value) {
    if (value.is_array()) return fromElements(value, "");
    if (!value.is_object()) return std::nullopt;
    if (auto mixed = fromElements(memberAt(value, "elements"), "elements")) return mixed;
    auto nodes = listOf(either(value, {"nodes", "initialNodes", "blocks"}));
    if (!nodes || (!nodes->empty() && !nodes->front().is_object())) return std::nullopt;
    const Json& connections = memberAt(value, "connections");
    if (isByName(connections) && memberAt(value, "edges").is_null()) return fromNames(*nodes, connections);
    const Json& theirs = either(value, {"edges", "initialEdges", "links", "connections"});
    auto edges = theirs.is_null() ? std::optional<Json>(Json::array()) : listOf(theirs);
    if (!edges) return std::nullopt;
    // Nodes alone are a graph where somebody means them as one.
    if (theirs.is_null() && !value.contains("nodes") && !value.contains("initialNodes")) return std::nullopt;
    for (auto& edge : *edges) edge = edge.is_array() ? edgeOfLink(edge) : edgeOfConnection(edge);
    Json out = {{"nodes", std::move(*nodes)}, {"edges", std::move(*edges)}};
    if (memberAt(value, "settings").is_object()) out["settings"] = value["settings"];
    return out;
}

}  // namespace signalbox::workflow
