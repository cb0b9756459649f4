#include "workflow/engine/pass_state.h"

#include <algorithm>
#include <array>

namespace signalbox::workflow {
namespace {

constexpr std::array<const char*, 3> kPolicies = {"stop", "continue", "collect"};

Json toJson(std::uint32_t node, const Loop& loop) {
    Json out = {{"node", node},
                {"items", loop.items},
                {"results", loop.results},
                {"errors", loop.errors},
                {"next", loop.next},
                {"running", loop.running},
                {"first_index", loop.first_index},
                {"concurrency", loop.concurrency},
                {"on_error", kPolicies[static_cast<std::size_t>(loop.on_error)]},
                {"passes_on", loop.passes_on},
                {"started_at", toMicros(loop.started_at)},
                {"failed", loop.failed}};
    if (loop.source.is_null()) return out;
    out["source"] = loop.source;
    out["kept"] = loop.kept;
    out["count"] = loop.count;
    out["spills"] = loop.spills;
    return out;
}

bool readLoop(Json& json, Loop& loop) {
    loop.items = std::move(json["items"]);
    loop.results = std::move(json["results"]);
    loop.errors = std::move(json["errors"]);
    loop.next = numberAt(json, "next");
    loop.running = numberAt(json, "running");
    loop.first_index = numberAt(json, "first_index");
    loop.concurrency = numberAt(json, "concurrency", 1);
    const auto policy = std::find(kPolicies.begin(), kPolicies.end(), textAt(json, "on_error", "stop"));
    loop.on_error = static_cast<OnItemError>(policy - kPolicies.begin());
    loop.passes_on = flagAt(json, "passes_on");
    loop.started_at = fromMicros(numberAt(json, "started_at"));
    loop.failed = numberAt(json, "failed");
    if (json.contains("source")) {
        loop.source = std::move(json["source"]);
        if (memberAt(json, "kept").is_array()) loop.kept = std::move(json["kept"]);
        loop.count = numberAt(json, "count");
        loop.spills = flagAt(json, "spills");
    }
    return policy != kPolicies.end() && loop.items.is_array() && loop.results.is_array() &&
           loop.errors.is_array() && loop.items.size() == loop.results.size() && loop.next >= 0 &&
           loop.next <= static_cast<std::int64_t>(loop.items.size());
}

Error misfit(const CompiledWorkflow& workflow) {
    return {ErrorKind::Invalid, "run state: does not fit version " + std::to_string(workflow.version)};
}

}  // namespace

Pass freshPass(const CompiledWorkflow& workflow, std::uint32_t region) {
    Pass pass;
    pass.region = region;
    pass.outputs.assign(workflow.nodes.size(), kFromNobody);
    if (workflow.regions.size() == 1) {
        pass.nodes.assign(workflow.nodes.size(), static_cast<char>(NodeMark::Idle));
        pass.edges.assign(workflow.edges.size(), static_cast<char>(EdgeMark::Pending));
        return pass;
    }
    pass.nodes.assign(workflow.nodes.size(), static_cast<char>(NodeMark::Skipped));
    for (const auto node : workflow.regions[region].nodes)
        pass.nodes[node] = static_cast<char>(NodeMark::Idle);
    pass.edges.assign(workflow.edges.size(), static_cast<char>(EdgeMark::Skipped));
    for (std::size_t i = 0; i < workflow.edges.size(); ++i) {
        if (workflow.edges[i].region == region) pass.edges[i] = static_cast<char>(EdgeMark::Pending);
    }
    return pass;
}

void countMarks(const CompiledWorkflow& workflow, Pass& pass) {
    pass.pending.assign(workflow.nodes.size(), 0);
    pass.taken.assign(workflow.nodes.size(), 0);
    for (std::size_t i = 0; i < workflow.edges.size(); ++i) {
        if (workflow.edges[i].role == EdgeRole::Back) continue;  // no input
        const auto mark = static_cast<EdgeMark>(pass.edges[i]);
        if (mark == EdgeMark::Pending) ++pass.pending[workflow.edges[i].target];
        if (mark == EdgeMark::Taken) ++pass.taken[workflow.edges[i].target];
    }
    pass.open = static_cast<std::size_t>(std::count_if(pass.nodes.begin(), pass.nodes.end(), [](char mark) {
        return mark != static_cast<char>(NodeMark::Done) && mark != static_cast<char>(NodeMark::Skipped);
    }));
}

Json toJson(const Pass& pass) {
    Json out = {{"path", pass.path}, {"nodes", pass.nodes}, {"edges", pass.edges}, {"outputs", pass.outputs}};
    for (const auto& [node, one] : pass.tries) {
        out["tries"].push_back({{"node", node}, {"made", one.made}, {"first_at", toMicros(one.first_at)}});
    }
    for (const auto& [node, loop] : pass.loops) out["loops"].push_back(toJson(node, loop));
    if (!pass.variables.empty()) out["variables"] = pass.variables;
    if (pass.id == 0) return out;
    out["id"] = pass.id;
    out["parent"] = pass.parent;
    out["region"] = pass.region;
    out["index"] = pass.index;
    out["result_node"] = pass.result_node;
    out["item"] = pass.item;
    out["locals"] = pass.locals;
    out["back"] = pass.back;
    if (!pass.exits.empty()) out["exits"] = pass.exits;
    return out;
}

Result<Pass> passFrom(const CompiledWorkflow& workflow, Json& json) {
    if (!json.is_object()) return misfit(workflow);
    Pass pass;
    pass.id = numberAt(json, "id");
    pass.parent = numberAt(json, "parent");
    const auto region = numberAt(json, "region");
    const auto count = static_cast<std::int64_t>(workflow.nodes.size());
    if (region < 0 || region >= static_cast<std::int64_t>(workflow.regions.size()) ||
        (pass.id == 0) != (region == 0)) {
        return misfit(workflow);
    }
    pass.region = static_cast<std::uint32_t>(region);
    pass.index = numberAt(json, "index");
    pass.path = textAt(json, "path");
    pass.nodes = textAt(json, "nodes");
    pass.edges = textAt(json, "edges");
    const Json& outputs = memberAt(json, "outputs");
    if (pass.nodes.size() != workflow.nodes.size() || pass.edges.size() != workflow.edges.size() ||
        !outputs.is_array() || outputs.size() != pass.nodes.size()) {
        return misfit(workflow);
    }
    const auto source = [&](const Json& value) {
        const bool fits = value.is_number_integer() && value >= kFromPass && value < count;
        return fits ? value.get<std::int32_t>() : kFromNobody;
    };
    for (const auto& one : outputs) pass.outputs.push_back(source(one));
    for (const auto& one : memberAt(json, "tries")) {
        const auto node = numberAt(one, "node", -1);
        if (node < 0 || node >= count) return misfit(workflow);
        pass.tries[static_cast<std::uint32_t>(node)] = {numberAt(one, "made"),
                                                        fromMicros(numberAt(one, "first_at"))};
    }
    if (json.contains("loops")) {
        for (auto& one : json["loops"]) {
            const auto node = numberAt(one, "node", -1);
            if (node < 0 || node >= count || !readLoop(one, pass.loops[static_cast<std::uint32_t>(node)]))
                return misfit(workflow);
        }
    }
    if (memberAt(json, "variables").is_object()) pass.variables = std::move(json["variables"]);
    if (pass.id == 0) return pass;
    pass.result_node = source(memberAt(json, "result_node"));
    pass.back = source(memberAt(json, "back"));
    pass.item = std::move(json["item"]);
    if (memberAt(json, "locals").is_object()) pass.locals = std::move(json["locals"]);
    for (const auto& edge : memberAt(json, "exits")) {
        if (edge.is_number_unsigned() && edge < workflow.edges.size()) {
            pass.exits.push_back(edge.get<std::uint32_t>());
        }
    }
    return pass;
}

}  // namespace signalbox::workflow
