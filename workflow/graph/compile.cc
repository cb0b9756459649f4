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
        if (auto read = readSettings(); !read) return withContext("settings", read.error());
        for (const auto& node : graph_.nodes) {
            if (auto added = addNode(node); !added) return withContext("node " + node.id, added.error());
        }
        for (const auto& edge : graph_.edges) {
            if (auto added = addEdge(edge); !added) return withContext("edge " + edge.id, added.error());
        }
        if (auto arranged = arrangeRegions(); !arranged) return arranged.error();
        nameInputs();
        std::sort(out_->roots.begin(), out_->roots.end());
        out_->roots.erase(std::unique(out_->roots.begin(), out_->roots.end()), out_->roots.end());
        return WorkflowRef(std::move(out_));
    }

private:
    Status readSettings() {
        out_->error_workflow = textAt(graph_.settings, "error_workflow");
        const Json& concurrency = memberAt(graph_.settings, "concurrency");
        out_->concurrency_limit = std::clamp<std::int64_t>(numberAt(concurrency, "limit"), 0, 1'000'000);
        if (const Json& variables = memberAt(graph_.settings, "variables"); variables.is_object())
            out_->variables = variables;
        const std::string text = textAt(concurrency, "key");
        if (text.empty()) return Done{};
        auto key = Expression::compile(text);
        if (!key) return withContext("concurrency.key", key.error());
        CompiledNode reader;
        for (const auto& name : key->names()) takeName(rootOf(name), reader);
        out_->concurrency_key = std::move(*key);
        return Done{};
    }

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
        auto policy = readPolicy(node.data, *made.type);
        if (!policy) return policy.error();
        made.policy = std::move(*policy);
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

    Status arrangeRegions() {
        const FlowShape shape = shapeOf(graph_);
        const Regions found = findRegions(shape);
        if (!found.faults.empty()) {
            const auto& fault = found.faults.front();
            return Error{ErrorKind::Invalid,
                         "node " + graph_.nodes[fault.node].id + ": " + fault.message + "; " + fault.remedy};
        }
        const bool is_flat = found.all.size() == 1;
        const bool reads_files = std::any_of(graph_.nodes.begin(), graph_.nodes.end(), [](const auto& node) {
            return node.type == "for_each" && !textAt(node.data, "file").empty();
        });
        out_->max_executions = std::clamp<std::int64_t>(numberAt(graph_.settings, "max_executions",
                                                                 is_flat       ? 10'000
                                                                 : reads_files ? 100'000'000
                                                                               : 1'000'000),
                                                        1, 100'000'000);
        out_->regions.resize(found.all.size());
        for (std::size_t i = 0; i < found.all.size(); ++i) {
            out_->regions[i] = {found.all[i].host,
                                found.all[i].parent,
                                found.all[i].is_cycle,
                                found.all[i].nodes,
                                {},
                                {},
                                {}};
        }
        std::vector<bool> has_input(out_->nodes.size());
        for (std::size_t i = 0; i < out_->edges.size(); ++i) {
            CompiledEdge& edge = out_->edges[i];
            edge.region = found.edge[i];
            edge.role = found.role[i];
            const bool is_input = edge.role == EdgeRole::Plain && edge.region == found.node[edge.target];
            has_input[edge.target] = has_input[edge.target] || is_input;
            if (edge.role != EdgeRole::Exit) continue;
            for (auto at = found.node[edge.source]; at != edge.region && at != 0; at = found.all[at].parent)
                out_->regions[at].exits.push_back(static_cast<std::uint32_t>(i));
        }
        for (std::uint32_t i = 0; i < out_->nodes.size(); ++i) {
            CompiledNode& node = out_->nodes[i];
            node.hosts = found.hosted[i];
            auto region = found.node[i];
            const bool repeats_itself = node.hosts != 0 && found.all[node.hosts].is_cycle;
            if (repeats_itself || !has_input[i]) out_->regions[region].starts.push_back(i);
            for (;; region = found.all[region].parent) {
                out_->regions[region].scope.push_back(i);
                // What a cycle's or a loop's last pass gave is read behind it, too.
                if (region == 0) break;
                const auto& around = found.all[region];
                if (!around.is_cycle && out_->nodes[around.host].type->name() != "loop") break;
            }
        }
        for (std::uint32_t i = 0; i < out_->nodes.size(); ++i) findOnlyHere(i);
        return Done{};
    }

    // For `join: first`: the nodes whose every way leads to this one.
    void findOnlyHere(std::uint32_t target) {
        CompiledNode& node = out_->nodes[target];
        if (!node.policy || node.policy->join.mode != JoinRule::Mode::First) return;
        auto policy = std::make_unique<NodePolicy>(*node.policy);
        std::vector<bool> is_only(out_->nodes.size());
        is_only[target] = true;
        for (bool has_grown = true; has_grown;) {
            has_grown = false;
            for (std::uint32_t i = 0; i < out_->nodes.size(); ++i) {
                const auto& ways = out_->nodes[i].out;
                const bool leads_here =
                    !is_only[i] && !ways.empty() && !out_->nodes[i].type->isTrigger() &&
                    std::all_of(ways.begin(), ways.end(), [&](std::uint32_t edge) {
                        return is_only[out_->edges[edge].target] && out_->edges[edge].role == EdgeRole::Plain;
                    });
                if (!leads_here) continue;
                is_only[i] = has_grown = true;
                policy->join.only_here.push_back(i);
            }
        }
        node.policy = std::move(policy);
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
        } else if (root == "loop") {
            out_->reads_loop = true;
        } else if (root == "vars") {
            out_->reads_vars = true;
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
