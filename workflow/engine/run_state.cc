#include "workflow/engine/run_state.h"

#include <algorithm>
#include <array>

namespace signalbox::workflow {
namespace {

constexpr std::array<const char*, 6> kStatusNames = {"running", "waiting",   "succeeded",
                                                     "failed",  "cancelled", "quarantined"};
constexpr std::array<const char*, 3> kKindNames = {"sleep", "await", "send"};

Json toJson(const WaitEntry& wait) {
    Json out = {{"kind", kKindNames[static_cast<std::size_t>(wait.kind)]},
                {"node", wait.node},
                {"seq", wait.seq},
                {"entered_at", toMicros(wait.entered_at)}};
    if (!wait.key.empty()) out["key"] = wait.key;
    if (wait.until) out["until"] = toMicros(*wait.until);
    return out;
}

std::optional<WaitEntry> waitFrom(const Json& json, std::size_t nodes) {
    WaitEntry wait;
    const std::string kind = textAt(json, "kind");
    const auto at = std::find(kKindNames.begin(), kKindNames.end(), kind);
    const auto node = numberAt(json, "node", -1);
    if (at == kKindNames.end() || node < 0 || node >= static_cast<std::int64_t>(nodes)) return std::nullopt;
    wait.kind = static_cast<WaitEntry::Kind>(at - kKindNames.begin());
    wait.node = static_cast<std::uint32_t>(node);
    wait.seq = numberAt(json, "seq");
    wait.key = textAt(json, "key");
    wait.entered_at = fromMicros(numberAt(json, "entered_at"));
    if (json.contains("until")) wait.until = fromMicros(numberAt(json, "until"));
    return wait;
}

// What expressions read by a bare name: the trigger's members.
void addRoots(const CompiledWorkflow& workflow, Json& scope) {
    for (const auto& root : workflow.roots) {
        const Json& value = memberAt(scope["trigger"], root);
        if (!value.is_null()) scope[root] = value;
    }
}

}  // namespace

const char* toString(RunStatus status) {
    return kStatusNames[static_cast<std::size_t>(status)];
}

std::optional<RunStatus> parseRunStatus(std::string_view text) {
    const auto at = std::find(kStatusNames.begin(), kStatusNames.end(), text);
    if (at == kStatusNames.end()) return std::nullopt;
    return static_cast<RunStatus>(at - kStatusNames.begin());
}

RunState freshState(const CompiledWorkflow& workflow, Json trigger) {
    RunState state;
    state.pass.nodes.assign(workflow.nodes.size(), static_cast<char>(NodeMark::Idle));
    state.pass.edges.assign(workflow.edges.size(), static_cast<char>(EdgeMark::Pending));
    state.pass.outputs.assign(workflow.nodes.size(), kFromNobody);
    state.scope = Json::object();
    state.scope["trigger"] = std::move(trigger);
    state.scope["nodes"] = Json::object();
    addRoots(workflow, state.scope);
    return state;
}

std::string saveState(const RunState& state) {
    Json waits = Json::array();
    for (const auto& wait : state.waits) waits.push_back(toJson(wait));
    const Json head = {{"v", 1},
                       {"passes", Json::array({{{"path", state.pass.path},
                                                {"nodes", state.pass.nodes},
                                                {"edges", state.pass.edges},
                                                {"outputs", state.pass.outputs}}})},
                       {"waits", std::move(waits)},
                       {"entry", state.entry},
                       {"next_seq", state.next_seq},
                       {"executions", state.executions},
                       {"result_node", state.result_node},
                       {"has_responded", state.has_responded}};
    std::string text = dumpJson(head);
    text.pop_back();
    text += ",\"outputs\":" + dumpJson(state.scope["nodes"]) + "}";
    return text;
}

Result<RunState> loadState(const CompiledWorkflow& workflow, std::string_view text, Json trigger) {
    auto json = parseJson(text, {.max_depth = 128, .max_values = 2'000'000});
    if (!json) return withContext("run state", json.error());
    RunState state = freshState(workflow, std::move(trigger));
    const Json& passes = memberAt(*json, "passes");
    if (!passes.is_array() || passes.empty()) return Error{ErrorKind::Invalid, "run state: has no pass"};
    const Json& pass = passes.front();
    const std::string nodes = textAt(pass, "nodes");
    const std::string edges = textAt(pass, "edges");
    const Json& outputs = memberAt(pass, "outputs");
    if (nodes.size() != state.pass.nodes.size() || edges.size() != state.pass.edges.size() ||
        !outputs.is_array() || outputs.size() != nodes.size()) {
        return Error{ErrorKind::Invalid,
                     "run state: does not fit version " + std::to_string(workflow.version)};
    }
    state.pass.path = textAt(pass, "path");
    state.pass.nodes = nodes;
    state.pass.edges = edges;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        state.pass.outputs[i] = outputs[i].is_number_integer() ? outputs[i].get<std::int32_t>() : kFromNobody;
        if (state.pass.outputs[i] >= static_cast<std::int32_t>(nodes.size()))
            state.pass.outputs[i] = kFromNobody;
    }
    for (const auto& one : memberAt(*json, "waits")) {
        auto wait = waitFrom(one, nodes.size());
        if (!wait) return Error{ErrorKind::Invalid, "run state: a wait does not fit the version"};
        state.waits.push_back(std::move(*wait));
    }
    for (const auto& node : memberAt(*json, "entry")) {
        if (node.is_number_unsigned() && node < nodes.size())
            state.entry.push_back(node.get<std::uint32_t>());
    }
    state.next_seq = numberAt(*json, "next_seq", 1);
    state.executions = numberAt(*json, "executions");
    state.result_node = static_cast<std::int32_t>(numberAt(*json, "result_node", kFromNobody));
    state.has_responded = flagAt(*json, "has_responded");
    if (memberAt(*json, "outputs").is_object()) state.scope["nodes"] = std::move((*json)["outputs"]);
    return state;
}

std::optional<TimePoint> nextWake(const RunState& state) {
    std::optional<TimePoint> next;
    for (const auto& wait : state.waits) {
        if (wait.until && (!next || *wait.until < *next)) next = wait.until;
    }
    return next;
}

}  // namespace signalbox::workflow
