// What expressions read: nodes that are not there or come later, members that nothing gives.
#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "workflow/event_types.h"
#include "workflow/graph/lint.h"
#include "workflow/graph/schema.h"

namespace signalbox::workflow {
namespace {

// Always in the scope, whatever started the run; the members of the trigger's data come besides.
constexpr std::array kRoots = {"trigger", "item", "inputs",      "nodes", "run",    "env",
                               "loop",    "vars", "input_order", "type",  "offset", "created_at"};
class Names {
public:
    explicit Names(const Graph& graph) : graph_(graph) {
        for (const auto& node : graph.nodes) number(node.id);
        for (const auto& edge : graph.edges) comesBefore(edge.source, edge.target);
        for (const auto& node : graph.nodes) {
            if (node.parent.empty()) continue;
            // What lies in a loop node is done before it is, and begins behind what leads to it.
            comesBefore(node.id, node.parent);
            comesBefore(node.parent, node.id);
        }
        seen_.resize(before_.size());
        findMembers();
        findVariables();
    }

    void check(const GraphNode& node, const std::vector<std::string>& names,
               std::vector<Finding>& findings) const {
        std::unordered_set<std::string> told;
        for (const auto& name : names) {
            if (name.starts_with("nodes.")) {
                checkNode(node, name.substr(6), told, findings);
            } else if (name.starts_with("vars.")) {
                checkVariable(node, name.substr(5), told, findings);
            } else if (are_members_known_) {
                checkRoot(node, name.substr(0, name.find('.')), told, findings);
            }
        }
    }

private:
    std::size_t number(const std::string& id) {
        const auto [at, is_new] = ids_.emplace(id, before_.size());
        if (is_new) before_.emplace_back();
        return at->second;
    }
    void comesBefore(const std::string& first, const std::string& second) {
        if (!ids_.contains(first) || !ids_.contains(second)) return;
        before_[number(second)].push_back(number(first));
    }

    // Only where every trigger's data are known; by hand anything may come.
    void findMembers() {
        are_members_known_ = false;
        for (const auto& node : graph_.nodes) {
            const NodeType* type = findNodeType(node.type);
            if (type == nullptr || !type->isTrigger()) continue;
            const auto events = type->eventTypes();
            are_members_known_ = !events.empty();
            for (const auto& event : events) {
                const EventType* known = findEventType(event);
                if (known == nullptr) are_members_known_ = false;
                if (!are_members_known_) return;
                for (const auto& [name, rule] : memberAt(known->schema->json(), "properties").items())
                    members_.insert(name);
            }
            if (!are_members_known_) return;
        }
    }

    // Those of the graph's settings, of loops, and whatever a node sets.
    void findVariables() {
        const auto take = [&](const Json& object) {
            for (auto at = object.begin(); object.is_object() && at != object.end(); ++at)
                variables_.insert(at.key());
        };
        take(memberAt(graph_.settings, "variables"));
        for (const auto& node : graph_.nodes) {
            if (node.type == "loop") take(memberAt(node.data, "variables"));
            if (node.type != "set_variable") continue;
            for (const auto& change : memberAt(node.data, "changes"))
                variables_.insert(textAt(change, "name"));
        }
    }

    // "total.net" reads the variable total, or one whose name has a dot.
    void checkVariable(const GraphNode& node, const std::string& path, std::unordered_set<std::string>& told,
                       std::vector<Finding>& findings) const {
        for (auto dot = path.find('.');; dot = path.find('.', dot + 1)) {
            if (variables_.contains(path.substr(0, dot))) return;
            if (dot == std::string::npos) break;
        }
        if (!told.insert("vars." + path).second) return;
        findings.push_back(
            {"unknown_variable", Severity::Warning, node.id, "",
             "reads vars." + path + ", but nothing sets a variable of that name",
             "say what it is at the beginning in settings.variables, or set it by set_variable", "data"});
    }

    // "ask.output.text"; an id may have dots itself.
    void checkNode(const GraphNode& node, const std::string& rest, std::unordered_set<std::string>& told,
                   std::vector<Finding>& findings) const {
        std::string id = rest;  // the longest that there is
        while (!ids_.contains(id) && id.find('.') != std::string::npos) id.resize(id.rfind('.'));
        if (!ids_.contains(id)) id = rest.substr(0, rest.find('.'));
        if (id == node.id || !told.insert("nodes." + id).second) return;
        if (!ids_.contains(id)) {
            findings.push_back({"unknown_variable", Severity::Warning, node.id, "",
                                "reads nodes." + id + ", but there is no node of that id",
                                "write the id of a node of this graph; what is not there is null", "data"});
        } else if (!isBefore(id, node.id)) {
            findings.push_back({"node_not_before", Severity::Warning, node.id, "",
                                "reads nodes." + id + ", which does not come before it",
                                "connect it so that it runs first; until then it is null", "data"});
        }
    }

    void checkRoot(const GraphNode& node, const std::string& root, std::unordered_set<std::string>& told,
                   std::vector<Finding>& findings) const {
        if (std::find(kRoots.begin(), kRoots.end(), root) != kRoots.end() || members_.contains(root)) return;
        if (!told.insert(root).second) return;
        findings.push_back({"unknown_variable", Severity::Warning, node.id, "",
                            "reads " + root + ", which is no member of what starts this workflow",
                            "it is null unless the event has it; the incoming data are item." + root,
                            "data"});
    }

    // Backwards along the edges; marked by the question, so that many of them cost no clearing.
    bool isBefore(const std::string& id, const std::string& node) const {
        const std::size_t wanted = ids_.at(id);
        ++question_;
        std::vector<std::size_t> open{ids_.at(node)};
        while (!open.empty()) {
            const std::size_t at = open.back();
            open.pop_back();
            for (const std::size_t source : before_[at]) {
                if (source == wanted) return true;
                if (std::exchange(seen_[source], question_) != question_) open.push_back(source);
            }
        }
        return false;
    }

    const Graph& graph_;
    std::unordered_map<std::string, std::size_t> ids_;
    std::vector<std::vector<std::size_t>> before_;
    mutable std::vector<std::size_t> seen_;
    mutable std::size_t question_ = 0;
    std::unordered_set<std::string> members_, variables_;
    bool are_members_known_ = false;
};

}  // namespace

void lintNames(const Graph& graph, std::vector<Finding>& findings) {
    const Names names(graph);
    for (const auto& node : graph.nodes) {
        const NodeType* type = findNodeType(node.type);
        if (type == nullptr) continue;
        const Json params = schemaOf(*type).withDefaults(node.data);
        if (!schemaOf(*type).validate(params).empty() || !type->check(params).empty()) continue;
        const auto prepared = type->prepare(params);
        if (prepared) names.check(node, (*prepared)->names, findings);
    }
}

}  // namespace signalbox::workflow
