#include "workflow/spawn_node.h"

#include "workflow/params.h"

namespace signalbox::workflow {
namespace {

struct PreparedSpawn : Prepared {
    Params input;
    bool has_input = false;
};

}  // namespace

std::vector<std::string> SpawnNode::check(const Json& params) const {
    const auto made = prepare(params);
    if (made) return {};
    return {made.error().message};
}

Result<std::unique_ptr<const Prepared>> SpawnNode::prepare(const Json& params) const {
    auto prepared = std::make_unique<PreparedSpawn>();
    prepared->has_input = params.contains("input");
    auto input = Params::compile(memberAt(params, "input"));
    if (!input) return withContext("input", input.error());
    input->collectNames(prepared->names);
    prepared->input = std::move(*input);
    return std::unique_ptr<const Prepared>(std::move(prepared));
}

Result<Outcome> SpawnNode::enter(const NodeInput& input) const {
    const auto& prepared = static_cast<const PreparedSpawn&>(input.prepared);
    Spawn spawn{textAt(input.params, "workflow"), input.item, waits_};
    if (prepared.has_input) {
        auto rendered = prepared.input.render(input.scope);
        if (!rendered) return withContext("input", rendered.error());
        spawn.input = std::move(*rendered);
    }
    return Outcome(std::move(spawn));
}

// The child's error is this node's.
Result<Outcome> SpawnNode::resume(const NodeInput& input, const Json& answer) const {
    if (!waits_ || answer.contains("state")) return Outcome(Next{"out", answer});  // started, or a dry run
    const std::string status = textAt(answer, "status");
    if (status == "succeeded") return Outcome(Next{"out", memberAt(answer, "result")});
    const Json& error = memberAt(answer, "error");
    return Error{
        ErrorKind::Rejected,
        "workflow " + textAt(input.params, "workflow") + ": " + textAt(error, "message", "it is " + status),
        {},
        textAt(error, "code", "child_" + status)};
}

}  // namespace signalbox::workflow
