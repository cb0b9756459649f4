#include "workflow/graph/lint.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <unordered_map>

#include "workflow/graph/schema.h"

namespace signalbox::workflow {
namespace {

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

// What editors call their nodes, and what does the same here.
std::optional<std::string> usualRemedy(const std::string& unknown) {
    static constexpr std::pair<std::string_view, std::string_view> kUsual[] = {
        {"start", "trigger.manual, or another trigger"},
        {"input", "trigger.manual, or another trigger"},
        {"trigger", "trigger.manual, trigger.webhook, trigger.schedule or another trigger"},
        {"webhook", "trigger.webhook"},
        {"cron", "trigger.schedule"},
        {"schedule", "trigger.schedule"},
        {"end", "set; what the last node gives is the run's result"},
        {"output", "set; what the last node gives is the run's result"},
        {"approv", "wait_approval"},
        {"human", "wait_approval"},
        {"condition", "if or switch"},
        {"decision", "if or switch"},
        {"branch", "if or switch"},
        {"gateway", "if or switch"},
        {"router", "switch"},
        {"ifelse", "if"},
        {".if", "if"},
        {"switch", "switch"},
        {"splitinbatches", "split_in_batches"},
        {"loop", "loop or for_each"},
        {"iterat", "for_each"},
        {"foreach", "for_each"},
        {"merge", "merge"},
        {"join", "merge"},
        {"delay", "wait"},
        {"timer", "wait"},
        {"wait", "wait, wait_event or wait_reply"},
        {"http", "http_request"},
        {"api", "http_request"},
        {"request", "http_request"},
        {"code", "lua"},
        {"function", "lua"},
        {"script", "lua"},
        {"python", "lua"},
        {"transform", "set or lua"},
        {"set", "set"},
        {"filter", "filter"},
        {"email", "send_email"},
        {"gmail", "send_email"},
        {"slack", "send_slack"},
        {"sms", "send_sms"},
        {"whatsapp", "send_whatsapp"},
        {"llm", "ai_completion"},
        {"agent", "ai_completion"},
        {"openai", "ai_completion"},
        {"prompt", "ai_completion"},
        {"workflow", "sub_workflow"},
        {"subflow", "sub_workflow"},
        {"respond", "respond"},
        {"stop", "stop"},
        {"noop", "set without fields"},
        {"default", "one of the types of GET /api/v1/node-types, as node.type or data.type"},
        {"custom", "one of the types of GET /api/v1/node-types, as node.type or data.type"}};
    std::string name;
    for (const char c : unknown) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.')
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    for (const auto& [part, ours] : kUsual)
        if (name == part) return "use " + std::string(ours);
    for (const auto& [part, ours] : kUsual)
        if (part.size() > 3 && name.find(part) != std::string::npos) return "use " + std::string(ours);
    return name.ends_with(".if") || name.ends_with(".set")
               ? std::optional("use " + name.substr(name.rfind('.') + 1))
               : std::nullopt;
}

std::string typeRemedy(const std::string& unknown) {
    if (const auto usual = usualRemedy(unknown)) return *usual;
    std::string all;
    std::string nearest;
    std::size_t best = 3;
    for (const auto* type : nodeTypes()) {
        all += (all.empty() ? "" : ", ") + type->name();
        if (unknown.size() > 40) continue;
        if (const auto distance = editDistance(unknown, type->name()); distance < best) {
            best = distance;
            nearest = type->name();
        }
    }
    if (!nearest.empty()) return "did you mean \"" + nearest + "\"?";
    return "use one of: " + all;
}

// Another product's node: what it runs as, or why it does not.
void lintForeign(Dialect dialect, const GraphNode& node, std::vector<Finding>& findings) {
    const std::string what = std::string(productName(dialect)) + " node \"" + node.kind.substr(0, 80) + "\" ";
    if (findNodeType(node.type) != nullptr) {
        findings.push_back({"mapped_node", Severity::Note, node.id, "", what + "runs as " + node.type,
                            "nothing; look at a dry run to see that it does what it did there"});
    } else if (node.reason.empty()) {
        findings.push_back({"unknown_type", Severity::Error, node.id, "",
                            what + "would run as " + node.type + ", which this build has not",
                            "replace it by a node of ours"});
    } else {
        findings.push_back(
            {"unknown_type", Severity::Error, node.id, "", what + "is not executable here", node.reason});
    }
}

// "nodes[3].data.cases[0].when": the message of a fault in the data begins with its place.
void addPaths(const Graph& graph, std::vector<Finding>& findings) {
    std::unordered_map<std::string_view, std::size_t> nodes, edges;
    for (const auto& node : graph.nodes) nodes[node.id] = node.index;
    for (const auto& edge : graph.edges) edges[edge.id] = edge.index;
    for (auto& finding : findings) {
        if (!finding.edge.empty()) {
            if (const auto at = edges.find(finding.edge); at != edges.end())
                finding.path = graph.edges_at + "[" + std::to_string(at->second) + "]";
            continue;
        }
        const auto at = nodes.find(finding.node);
        if (finding.node.empty() || at == nodes.end()) continue;
        const std::string inside = std::move(finding.path);
        finding.path =
            graph.nodes_at + "[" + std::to_string(at->second) + "]" + (inside.empty() ? "" : "." + inside);
    }
}

}  // namespace

const Port* findPort(const std::vector<Port>& ports, const std::string& handle) {
    const auto named = [&](std::string_view id) -> const Port* {
        for (const auto& port : ports) {
            if (port.id == id) return &port;
        }
        return nullptr;
    };
    if (const Port* port = named(handle)) return port;
    if (handle.starts_with("case:")) return named(std::string_view(handle).substr(5));
    if (!handle.empty() && handle != "source") return nullptr;
    const auto count =
        std::count_if(ports.begin(), ports.end(), [](const Port& port) { return port.id != "error"; });
    return count == 1 ? &ports.front() : nullptr;
}

std::vector<Port> portsOf(const NodeType& type, const Json& params) {
    auto ports = type.ports(params);
    const bool has_error =
        std::any_of(ports.begin(), ports.end(), [](const Port& port) { return port.id == "error"; });
    if (!has_error) ports.push_back({"error", "Error"});
    return ports;
}

std::vector<Finding> lint(const Graph& graph, const LintContext& context) {
    std::vector<Finding> findings = graph.faults;
    lintStructure(graph, findings);
    for (const auto& node : graph.nodes) {
        lintSecrets(node, findings);
        const NodeType* type = findNodeType(node.type);
        if (!node.kind.empty()) lintForeign(graph.dialect, node, findings);
        if (type == nullptr) {
            if (!node.kind.empty()) continue;
            findings.push_back({"unknown_type", Severity::Error, node.id, "",
                                "node type \"" + node.type.substr(0, 80) + "\" is not known",
                                typeRemedy(node.type)});
            continue;
        }
        lintParams(node, *type, context, findings);
    }
    lintFlow(graph, findings);
    lintJoins(graph, findings);
    lintNames(graph, findings);
    lintWaits(graph, context.now, findings);
    lintCauses(graph, findings);
    addPaths(graph, findings);
    return findings;
}

std::vector<Finding> lintText(std::string_view text, const LintContext& context) {
    const auto graph = parseGraph(text);
    if (graph) return lint(*graph, context);
    const Error& error = graph.error();
    return {{error.code, Severity::Error, "", "", error.message,
             "export the graph again with toObject() of React Flow"}};
}

}  // namespace signalbox::workflow
