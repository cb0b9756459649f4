#include "workflow/engine/path_conflicts.h"

#include <algorithm>
#include <set>

#include "workflow/graph/graph.h"
#include "workflow/graph/schema.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kOthers =
    "SELECT w.name, v.graph FROM workflows w JOIN workflow_versions v ON v.workflow = w.id"
    " AND v.version = w.published_version WHERE w.org = $1 AND w.name <> $2 AND w.deleted_at IS NULL"
    " AND (v.graph LIKE '%trigger.webhook%' OR v.graph LIKE '%trigger.form%') ORDER BY w.id";

struct Door {
    std::string workflow, node;
    std::size_t index = 0;
    bool is_form = false;
    std::vector<std::string> segments;
    std::set<std::string> methods;

    bool isSameAs(const Door& other) const {
        if (is_form != other.is_form || segments != other.segments) return false;
        return is_form || std::any_of(methods.begin(), methods.end(),
                                      [&](const auto& one) { return other.methods.contains(one); });
    }
};

std::vector<std::string> segmentsOf(std::string_view path) {
    std::vector<std::string> out;
    while (!path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        // Whatever it is called, a parameter takes every text.
        if (end != 0) out.emplace_back(path[0] == ':' ? ":" : path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return out;
}

std::vector<Door> doorsOf(const std::string& workflow, const Graph& graph) {
    std::vector<Door> out;
    for (const auto& node : graph.nodes) {
        const bool is_form = node.type == "trigger.form";
        const NodeType* type = findNodeType(node.type);
        if (type == nullptr || node.is_disabled || (!is_form && node.type != "trigger.webhook")) continue;
        const Json params = schemaOf(*type).withDefaults(node.data);
        Door door{workflow, node.id, node.index, is_form, segmentsOf(textAt(params, "path")), {}};
        if (door.segments.empty()) continue;
        const Json& method = memberAt(params, "method");
        for (const Json& one : method.is_array() ? method : Json::array({method}))
            if (one.is_string()) door.methods.insert(one.get<std::string>());
        out.push_back(std::move(door));
    }
    return out;
}

std::string pathOf(const Door& door) {
    std::string out = door.is_form ? "/forms" : "/webhooks";
    for (const auto& segment : door.segments) out += '/' + segment;
    return out;
}

}  // namespace

std::vector<Finding> pathConflicts(Store& store, Id org, const std::string& name, const Graph& graph) {
    const auto own = doorsOf(name, graph);
    if (own.empty()) return {};
    std::vector<Door> taken;
    store.read([&](Reader& reader) {
        for (const Row& row : reader.query(kOthers, {org, name})) {
            const auto other = parseGraph(row.text(1));
            if (!other) continue;  // it was published, so it does
            for (auto& door : doorsOf(row.text(0), *other)) taken.push_back(std::move(door));
        }
    });
    std::vector<Finding> out;
    for (const auto& door : own) {
        const auto at =
            std::find_if(taken.begin(), taken.end(), [&](const Door& one) { return one.isSameAs(door); });
        if (at != taken.end()) {
            out.push_back({"path_taken", Severity::Error, door.node, "",
                           pathOf(door) + " is the path of node \"" + at->node + "\" of workflow \"" +
                               at->workflow + "\", which would be called instead",
                           "take another path" + std::string(door.is_form ? "" : " or method") +
                               ", or unpublish that workflow",
                           graph.nodes_at + "[" + std::to_string(door.index) + "].data.path"});
        }
        taken.push_back(door);
    }
    return out;
}

}  // namespace signalbox::workflow
