#include "workflow/engine/run_state.h"

#include <algorithm>
#include <array>
#include "base/own_json.h"

#include "workflow/engine/pass_state.h"

namespace signalbox::workflow {
namespace {

constexpr std::array<const char*, 6> kStatusNames = {"running", "waiting",   "succeeded",
                                                     "failed",  "cancelled", "quarantined"};
constexpr std::array<const char*, 8> kKindNames = {"sleep", "await", "send",  "retry",
                                                   "join",  "loop",  "child", "slice"};

Json toJson(const WaitEntry& wait) {
    Json out = {{"kind", kKindNames[static_cast<std::size_t>(wait.kind)]},
                {"node", wait.node},
                {"seq", wait.seq},
                {"entered_at", toMicros(wait.entered_at)}};
    if (!wait.key.empty()) out["key"] = wait.key;
    if (wait.until) out["until"] = toMicros(*wait.until);
    if (wait.pass != 0) out["pass"] = wait.pass;
    if (wait.give_up_at) out["give_up_at"] = toMicros(*wait.give_up_at);
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
    wait.pass = numberAt(json, "pass");
    if (json.contains("give_up_at")) wait.give_up_at = fromMicros(numberAt(json, "give_up_at"));
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
    state.pass = freshPass(workflow, 0);
    state.pass.variables = workflow.variables;
    state.scope = Json::object();
    state.scope["trigger"] = std::move(trigger);
    state.scope["nodes"] = Json::object();
    addRoots(workflow, state.scope);
    return state;
}

std::string saveState(const RunState& state) {
    Json waits = Json::array();
    for (const auto& wait : state.waits) waits.push_back(toJson(wait));
    Json passes = Json::array({toJson(state.pass)});
    for (const auto& [id, pass] : state.inner) passes.push_back(toJson(pass));
    const Json head = {{"v", 1},
                       {"passes", std::move(passes)},
                       {"waits", std::move(waits)},
                       {"entry", state.entry},
                       {"next_seq", state.next_seq},
                       {"next_pass", state.next_pass},
                       {"executions", state.executions},
                       {"result_node", state.pass.result_node},
                       {"has_responded", state.has_responded},
                       {"has_children", state.has_children}};
    std::string text = dumpJson(head);
    text.pop_back();
    text += ",\"outputs\":" + dumpJson(memberAt(state.scope, "nodes")) + "}";
    return text;
}

Result<RunState> loadState(const CompiledWorkflow& workflow, std::string_view text, Json trigger) {
    auto json = parseJson(text, kOwnJson);
    if (!json) return withContext("run state", json.error());
    RunState state = freshState(workflow, std::move(trigger));
    if (!json->is_object()) return Error{ErrorKind::Invalid, "run state: is no object"};
    Json& passes = (*json)["passes"];
    if (!passes.is_array() || passes.empty()) return Error{ErrorKind::Invalid, "run state: has no pass"};
    for (auto& one : passes) {
        auto pass = passFrom(workflow, one);
        if (!pass) return pass.error();
        if (pass->id == 0) {
            state.pass = std::move(*pass);
        } else {
            state.inner.insert_or_assign(pass->id, std::move(*pass));
        }
    }
    for (const auto& [id, pass] : state.inner) {
        if (pass.parent != 0 && (pass.parent >= id || !state.inner.contains(pass.parent)))
            return Error{ErrorKind::Invalid, "run state: a pass has no parent"};
    }
    for (const auto& one : memberAt(*json, "waits")) {
        auto wait = waitFrom(one, workflow.nodes.size());
        if (!wait || (wait->pass != 0 && !state.inner.contains(wait->pass)))
            return Error{ErrorKind::Invalid, "run state: a wait does not fit the version"};
        state.waits.push_back(std::move(*wait));
    }
    for (const auto& node : memberAt(*json, "entry")) {
        if (node.is_number_unsigned() && node < workflow.nodes.size())
            state.entry.push_back(node.get<std::uint32_t>());
    }
    state.next_seq = numberAt(*json, "next_seq", 1);
    state.next_pass = numberAt(*json, "next_pass", 1);
    state.executions = numberAt(*json, "executions");
    state.pass.result_node = static_cast<std::int32_t>(numberAt(*json, "result_node", kFromNobody));
    state.has_responded = flagAt(*json, "has_responded");
    state.has_children = flagAt(*json, "has_children");
    if (memberAt(*json, "outputs").is_object()) state.scope["nodes"] = std::move((*json)["outputs"]);
    return state;
}

std::optional<TimePoint> nextWake(const RunState& state) {
    std::optional<TimePoint> next;
    for (const auto& wait : state.waits) {
        for (const auto& at : {wait.until, wait.give_up_at}) {
            if (at && (!next || *at < *next)) next = at;
        }
    }
    return next;
}

}  // namespace signalbox::workflow
