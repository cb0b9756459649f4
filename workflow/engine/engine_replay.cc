// Runs that are done once more, whole or from a node on, and nodes that are tried out alone.
#include "base/own_json.h"
#include "workflow/engine/engine.h"
#include "workflow/engine/journal.h"
#include "workflow/engine/run_pins.h"
#include "workflow/graph/lint.h"

namespace signalbox::workflow {
namespace {

constexpr const char* kInput = "__input";  // the node that stands for everything before the one that is tried

Error noNode(const std::string& node, std::int64_t version) {
    return {ErrorKind::NotFound,
            "version " + std::to_string(version) + " has no node \"" + node.substr(0, 100) + "\"",
            {},
            "node_not_found"};
}

void addPins(const Json& given, const CompiledWorkflow& workflow, Pins& pins) {
    for (const auto& [id, output] : given.items()) {
        const auto index = workflow.find(id);
        if (!index) continue;
        auto& pin = pins[id];
        if (pin.port.empty()) pin.port = workflow.nodes[*index].ports.front();
        pin.output = output;
    }
}

// The entries of nodes that are not run again, marked as taken over.
std::string pinnedWalk(const Json& entries, const CompiledWorkflow& workflow, const std::vector<bool>& again,
                       const Pins& pins, TimePoint now) {
    Json out = Json::array();
    for (std::uint32_t i = 0; i < workflow.nodes.size(); ++i) {
        const CompiledNode& node = workflow.nodes[i];
        const auto pin = pins.find(node.id);
        if (again[i] || pin == pins.end()) continue;
        Json entry = {{"node", node.id},
                      {"type", node.type->name()},
                      {"attempt", 1},
                      {"started_at", toMicros(now)},
                      {"ended_at", toMicros(now)}};
        for (const auto& old : entries) {
            if (textAt(old, "node") == node.id) entry["input"] = memberAt(old, "input");
        }
        entry["output"] = pin->second.output;
        entry["port"] = pin->second.port;
        entry["pinned"] = true;
        out.push_back(std::move(entry));
    }
    return dumpJson(out);
}

// A graph of the node alone, behind a trigger that gives it its input.
Result<Graph> alone(const Graph& graph, const std::string& id) {
    Graph out;
    out.settings = graph.settings;
    GraphNode input;
    input.id = kInput;
    input.type = "trigger.manual";
    out.nodes.push_back(std::move(input));
    for (const auto& node : graph.nodes) {
        if (node.id != id) continue;
        out.nodes.push_back(node);
        out.nodes.back().parent.clear();
        GraphEdge edge;
        edge.id = edge.source = kInput;
        edge.target = id;
        out.edges.push_back(std::move(edge));
        return out;
    }
    return Error{
        ErrorKind::NotFound, "the graph has no node \"" + id.substr(0, 100) + "\"", {}, "node_not_found"};
}

// Whether the event that `input` is would start the workflow here.
Json tryTrigger(const CompiledNode& node, const Json& input) {
    const auto matched = node.type->matches(*node.prepared, input);
    if (!matched) return {{"status", "failed"}, {"error", errorJson(matched.error())}};
    return {{"status", "succeeded"}, {"matches", *matched}};
}

}  // namespace

void Engine::replay(Replay wish, RunDone done) {
    std::optional<RunRow> old;
    std::vector<std::string> walks;
    parts_.store.read([&](Reader& reader) {
        old = loadRun(reader, wish.run);
        if (old && !wish.from_node.empty()) walks = loadWalks(reader, wish.run);
    });
    if (!old || old->org != wish.org)
        return done(
            Error{ErrorKind::NotFound, "there is no run " + idText(kRunId, wish.run), {}, "run_not_found"});
    std::int64_t version = wish.version;
    if (version == 0) {
        const auto now = parts_.workflows.current(old->workflow);
        if (!now) return done(now.error());
        version = *now ? (*now)->version : old->version;
    }
    const auto found = catalog_.version(old->workflow, version);
    if (!found) return done(found.error());
    const WorkflowRef& workflow = *found;
    auto input = parseJson(old->input, kOwnJson);
    Json trigger = input ? std::move(*input) : Json::object();
    RunRow row;
    row.id = parts_.ids.next();
    row.org = old->org;
    row.workflow = old->workflow;
    row.version = version;
    row.is_dry = wish.is_dry;
    row.input = old->input;
    row.conversation = old->conversation;
    row.started_at = parts_.clock.now();
    row.deadline_at = row.started_at + workflow->deadline;
    row.trigger_key = "replay:" + idText(kRunId, wish.run) + ":" + idText(kRunId, row.id);
    if (wish.from_node.empty()) {
        auto entry = entryFor(*workflow, trigger);
        RunState state = freshState(*workflow, std::move(trigger));
        state.entry = std::move(entry);
        row.state = saveState(state);
        return insertAndRun(std::move(row), "", std::move(done));
    }
    const auto node = workflow->find(wish.from_node);
    if (!node) return done(noNode(wish.from_node, version));
    const Json entries = readableJournal(walks, trigger);
    Pins pins = pinsOf(entries);
    addPins(wish.pins, *workflow, pins);
    auto state = pinnedState(*workflow, std::move(trigger), pins, *node);
    if (!state) return done(state.error());
    row.state = saveState(*state);
    const std::string pinned =
        pinnedWalk(entries, *workflow, reachedFrom(*workflow, *node), pins, row.started_at);
    insertAndRun(std::move(row), options_.redactor.hide(pinned), std::move(done));
}

Result<Json> Engine::tryNode(const NodeTrial& trial) {
    const auto text = parts_.workflows.text(trial.org, trial.workflow, trial.version);
    if (!text) return text.error();
    const auto graph = parseGraph(*text);
    if (!graph) return graph.error();
    const auto small = alone(*graph, trial.node);
    if (!small) return small.error();
    Json findings = Json::array();
    for (const auto& finding : lint(*small, {parts_.lua, nullptr})) {
        const bool is_its_own = finding.severity == Severity::Error && finding.node == trial.node &&
                                finding.code != "edge_into_trigger";
        if (is_its_own) findings.push_back(toJson(finding));
    }
    if (!findings.empty()) return Json{{"status", "refused"}, {"findings", std::move(findings)}};
    const auto compiled = compile(*small, Json::object(), {trial.org, 0, 0, trial.workflow});
    if (!compiled) return compiled.error();
    const CompiledWorkflow& workflow = **compiled;
    if (workflow.nodes[1].type->isTrigger()) return tryTrigger(workflow.nodes[1], trial.input);
    auto state = pinnedState(workflow, trial.trigger.is_null() ? trial.input : trial.trigger,
                             {{kInput, {"out", trial.input}}}, 1);
    if (!state) return state.error();
    for (const auto& [id, output] : trial.outputs.items()) state->scope["nodes"][id] = {{"output", output}};
    RunRow row;
    row.id = parts_.ids.next();
    row.is_dry = true;
    row.started_at = parts_.clock.now();
    const Walk walk = again(workflow, *state, contextFor(workflow, row, std::make_shared<Refusals>()));
    Json out = {{"status", toString(walk.status)}};
    // The journal names its input by where it came from.
    const Json before = Json::array({{{"node", kInput}, {"output", trial.input}, {"port", "out"}}});
    const Json entries = readableJournal({dumpJson(before), walk.journal}, trial.input);
    if (entries.size() > 1) out.update(entries.back());
    if (walk.error && !out.contains("error")) out["error"] = errorJson(*walk.error);
    return out;
}

}  // namespace signalbox::workflow
