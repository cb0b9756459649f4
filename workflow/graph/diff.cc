#include "workflow/graph/diff.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "workflow/graph/document.h"
#include "workflow/graph/graph.h"

namespace signalbox::workflow {
namespace {

// What the engine reads; everything else beside it is layout.
constexpr std::array kNodeLogic = {"id", "type", "data", "parentId", "parentNode"};
constexpr std::array kEdgeLogic = {"id", "source", "target", "sourceHandle", "targetHandle", "data"};

using Members = std::map<std::string, const Json*>;

template <class List>
bool isIn(const List& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

std::string idOf(const Json& one) {
    const Json& id = memberAt(one, "id");
    if (id.is_string()) return id.get<std::string>();
    return id.is_number() ? dumpJson(id) : "";
}

Members byId(const Json& list) {
    Members out;
    std::size_t index = 0;
    for (const auto& one : list) {
        std::string id = idOf(one);
        if (id.empty()) id = "#" + std::to_string(index);
        ++index;
        while (!out.emplace(id, &one).second) id += "'";  // a duplicate id is a finding of lint, not of ours
    }
    return out;
}

template <class Logic>
Json part(const Json& one, const Logic& logic, bool is_logic) {
    Json out = Json::object();
    if (!one.is_object()) return out;
    for (const auto& [key, value] : one.items()) {
        // null and missing handles are the same.
        if (isIn(logic, key) == is_logic && !(value.is_null() && is_logic)) out[key] = value;
    }
    return out;
}

void compare(const Json& from, const Json& to, const std::string& path, Json& out) {
    if (from == to) return;
    if (from.is_object() && to.is_object()) {
        std::set<std::string> keys;
        for (const auto& [key, value] : from.items()) keys.insert(key);
        for (const auto& [key, value] : to.items()) keys.insert(key);
        for (const auto& key : keys) {
            const std::string inner = path.empty() ? key : path + "." + key;
            if (from.contains(key) && to.contains(key)) {
                compare(from[key], to[key], inner, out);
            } else if (from.contains(key)) {
                out.push_back({{"path", inner}, {"from", from[key]}});
            } else {
                out.push_back({{"path", inner}, {"to", to[key]}});
            }
        }
        return;
    }
    if (from.is_array() && to.is_array() && from.size() == to.size()) {
        for (std::size_t i = 0; i < from.size(); ++i)
            compare(from[i], to[i], path + "[" + std::to_string(i) + "]", out);
        return;
    }
    out.push_back({{"path", path}, {"from", from}, {"to", to}});
}

Json nameOf(const std::string& id, const Json& one) {
    Json out = {{"id", id}};
    for (const char* key : {"type", "source", "sourceHandle", "target", "targetHandle"}) {
        const Json& value = memberAt(one, key);
        const bool is_edges = std::string_view(key) != "type";
        if (!value.is_null() && (is_edges || !one.contains("source"))) out[key] = value;
    }
    const std::string label = textAt(memberAt(one, "data"), "label");
    if (!label.empty()) out["label"] = label;
    return out;
}

template <class Logic>
Json diffLists(const Json& from, const Json& to, const Logic& logic, Json& moved) {
    Json out = {{"added", Json::array()}, {"removed", Json::array()}, {"changed", Json::array()}};
    const Members before = byId(from), after = byId(to);
    for (const auto& [id, one] : before) {
        if (!after.contains(id)) out["removed"].push_back(nameOf(id, *one));
    }
    for (const auto& [id, one] : after) {
        const auto old = before.find(id);
        if (old == before.end()) {
            out["added"].push_back(nameOf(id, *one));
            continue;
        }
        Json changes = Json::array();
        compare(part(*old->second, logic, true), part(*one, logic, true), "", changes);
        if (!changes.empty()) {
            Json named = nameOf(id, *one);
            named["changes"] = std::move(changes);
            out["changed"].push_back(std::move(named));
        }
        if (part(*old->second, logic, false) != part(*one, logic, false)) moved.push_back(id);
    }
    return out;
}

bool isEmpty(const Json& lists) {
    return lists["added"].empty() && lists["removed"].empty() && lists["changed"].empty();
}

struct Opened {
    Json document, holder;
    const Json* graph = nullptr;
};

Status open(std::string_view text, Opened& out) {
    auto document = parseDocument(text, kGraphLimits);
    if (!document) return document.error();
    out.document = std::move(*document);
    out.graph = findGraph(out.document, out.holder).graph;
    if (out.graph == nullptr) return Error{ErrorKind::Invalid, "no nodes found", {}, "no_graph"};
    return Done{};
}

}  // namespace

Result<Json> diffGraphs(std::string_view from, std::string_view to) {
    Opened before, after;
    if (const Status opened = open(from, before); !opened) return withContext("from", opened.error());
    if (const Status opened = open(to, after); !opened) return withContext("to", opened.error());
    const Json& a = *before.graph;
    const Json& b = *after.graph;
    Json moved_nodes = Json::array(), moved_edges = Json::array(), other = Json::array(),
         settings = Json::array();
    const Json nodes = diffLists(memberAt(a, "nodes"), memberAt(b, "nodes"), kNodeLogic, moved_nodes);
    const Json edges = diffLists(memberAt(a, "edges"), memberAt(b, "edges"), kEdgeLogic, moved_edges);
    const Json& old_settings = memberAt(a, "settings");
    const Json& new_settings = memberAt(b, "settings");
    compare(old_settings.is_null() ? Json::object() : old_settings,
            new_settings.is_null() ? Json::object() : new_settings, "settings", settings);
    std::set<std::string> keys;
    for (const auto* one : {&a, &b}) {
        for (const auto& [key, value] : one->items()) {
            if (key != "nodes" && key != "edges" && key != "settings") keys.insert(key);
        }
    }
    for (const auto& key : keys) {
        if (memberAt(a, key) != memberAt(b, key)) other.push_back(key);
    }
    return Json{{"is_same", isEmpty(nodes) && isEmpty(edges) && settings.empty()},
                {"nodes", nodes},
                {"edges", edges},
                {"settings", std::move(settings)},
                {"layout", {{"nodes", moved_nodes}, {"edges", moved_edges}, {"other", other}}}};
}

}  // namespace signalbox::workflow
