#include "workflow/graph/compile.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "workflow/graph/lint.h"
#include "workflow/graph/schema.h"

namespace signalbox::workflow {
namespace {

constexpr std::int64_t kMaxDeadlineS = 366 * 24 * 3600;

std::string rootOf(const std::string& path) {
    return path.substr(0, path.find_first_of(".["));
}

class Compiler {
public:
    Compiler(const Graph& graph, const Json& scripts) : graph_(graph), scripts_(scripts) {}

    Result<WorkflowRef> run(const WorkflowIdentity& identity) {
        out_->org = identity.org;
        out_->id = identity.id;
        out_->version = identity.version;
        out_->name = identity.name;
        out_->deadline = deadlineOf(graph_);
        for (const auto& node : graph_.nodes) {
            if (auto added = addNode(node); !added) return withContext("node " + node.id, added.error());
        }
        for (const auto& edge : graph_.edges) {
            if (auto added = addEdge(edge); !added) return withContext("edge " + edge.id, added.error());
        }
        nameInputs();
        std::sort(out_->roots.begin(), out_->roots.end());
        out_->roots.erase(std::unique(out_->roots.begin(), out_->roots.end()), out_->roots.end());
        return WorkflowRef(std::move(out_));
    }

private:
    Status addNode(const GraphNode& node) {
        CompiledNode made;
        made.id = node.id;
        made.type = findNodeType(node.type);
        if (made.type == nullptr) return Error{ErrorKind::Invalid, "unknown type " + node.type};
        made.params = schemaOf(*made.type).withDefaults(node.data);
        if (const std::string script = textAt(made.params, "script"); !script.empty()) {
            made.params["source"] = memberAt(scripts_, script);
        }
        auto prepared = made.type->prepare(made.params);
        if (!prepared) return prepared.error();
        made.prepared = std::move(*prepared);
        for (const auto& port : portsOf(*made.type, made.params)) made.ports.push_back(port.id);
        made.is_disabled = node.is_disabled;
        for (const auto& name : made.prepared->names) takeName(rootOf(name), made);
        const auto index = static_cast<std::uint32_t>(out_->nodes.size());
        if (!index_.emplace(node.id, index).second) return Error{ErrorKind::Invalid, "duplicate id"};
        if (made.type->isTrigger() && !node.is_disabled) out_->triggers.push_back(index);
        out_->has_respond = out_->has_respond || made.type->name() == "respond";
        out_->nodes.push_back(std::move(made));
        return Done{};
    }

    Status addEdge(const GraphEdge& edge) {
        const auto source = index_.find(edge.source);
        const auto target = index_.find(edge.target);
        if (source == index_.end() || target == index_.end())
            return Error{ErrorKind::Invalid, "missing endpoint"};
        CompiledNode& from = out_->nodes[source->second];
        CompiledNode& to = out_->nodes[target->second];
        const auto ports = portsOf(*from.type, from.params);
        const Port* port = findPort(ports, edge.source_handle);
        if (port == nullptr) return Error{ErrorKind::Invalid, "unknown handle " + edge.source_handle};
        CompiledEdge made;
        made.source = source->second;
        made.target = target->second;
        made.port = static_cast<std::uint32_t>(port - ports.data());
        made.input = edge.target_handle;
        if (const std::string condition = textAt(edge.data, "condition"); !condition.empty()) {
            auto expression = Expression::compile(condition);
            if (!expression) return withContext("condition", expression.error());
            for (const auto& name : expression->names()) takeName(rootOf(name), from);
            made.condition = std::move(*expression);
        }
        from.handles_errors = from.handles_errors || port->id == "error";
        const auto index = static_cast<std::uint32_t>(out_->edges.size());
        from.out.push_back(index);
        to.in.push_back(index);
        out_->edges.push_back(std::move(made));
        return Done{};
    }

    // The handle names an input where no other edge has it, else the source does.
    void nameInputs() {
        for (auto& node : out_->nodes) {
            std::unordered_map<std::string, int> handles, sources;
            for (const auto edge : node.in) {
                ++handles[out_->edges[edge].input];
                ++sources[sourceOf(edge)];
            }
            for (const auto index : node.in) {
                CompiledEdge& edge = out_->edges[index];
                if (!edge.input.empty() && handles[edge.input] == 1) continue;
                edge.input = sourceOf(index);
                if (sources[edge.input] > 1) edge.input += ":" + out_->nodes[edge.source].ports[edge.port];
            }
        }
    }

    const std::string& sourceOf(std::uint32_t edge) const { return out_->nodes[out_->edges[edge].source].id; }

    void takeName(const std::string& root, CompiledNode& node) {
        if (root == "trigger") return;
        if (root == "item") {
            node.reads_item = true;
        } else if (root == "inputs") {
            node.reads_inputs = true;
        } else if (root == "nodes") {
            out_->reads_nodes = true;
        } else if (root == "run") {
            out_->reads_run = true;
        } else if (root == "env") {
            out_->reads_env = true;
        } else {
            out_->roots.push_back(root);
        }
    }

    const Graph& graph_;
    const Json& scripts_;
    std::shared_ptr<CompiledWorkflow> out_ = std::make_shared<CompiledWorkflow>();
    std::unordered_map<std::string, std::uint32_t> index_;
};

}  // namespace

std::optional<std::uint32_t> CompiledWorkflow::find(std::string_view node_id) const {
    const auto at =
        std::find_if(nodes.begin(), nodes.end(), [&](const auto& node) { return node.id == node_id; });
    if (at == nodes.end()) return std::nullopt;
    return static_cast<std::uint32_t>(at - nodes.begin());
}

std::chrono::seconds deadlineOf(const Graph& graph) {
    const auto seconds = numberAt(graph.settings, "deadline_s", CompiledWorkflow{}.deadline.count());
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 1, kMaxDeadlineS));
}

Result<WorkflowRef> compile(const Graph& graph, const Json& scripts, const WorkflowIdentity& identity) {
    return Compiler(graph, scripts).run(identity);
}

}  // namespace signalbox::workflow
