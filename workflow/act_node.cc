#include "workflow/act_node.h"

#include "workflow/params.h"

namespace signalbox::workflow {
namespace {

struct PreparedAct : Prepared {
    Params request;
};

}  // namespace

ActNode::ActNode(std::string name, const char* schema, std::string action)
    : name_(std::move(name)), schema_(schema), action_(std::move(action)) {
    const auto parsed = parseJson(schema_);
    if (!parsed) return;  // the contract of node types fails on it
    for (const auto& property : memberAt(*parsed, "properties").items()) members_.push_back(property.key());
}

std::vector<std::string> ActNode::check(const Json& params) const {
    return checkAll(params);
}

// Editors keep more in `data` than the schema names (a label, a colour): that is no part of the request.
Result<std::unique_ptr<const Prepared>> ActNode::prepare(const Json& params) const {
    Json request = Json::object();
    for (const std::string& member : members_) {
        if (params.contains(member)) request[member] = params[member];
    }
    auto compiled = Params::compile(request);
    if (!compiled) return compiled.error();
    auto prepared = std::make_unique<PreparedAct>();
    compiled->collectNames(prepared->names);
    prepared->request = std::move(*compiled);
    return std::unique_ptr<const Prepared>(std::move(prepared));
}

Result<Outcome> ActNode::enter(const NodeInput& input) const {
    auto request = static_cast<const PreparedAct&>(input.prepared).request.render(input.scope);
    if (!request) return request.error();
    (*request)["kind"] = action_;
    return Outcome(Act{std::move(*request)});
}

Result<Outcome> ActNode::resume(const NodeInput&, const Json& answer) const {
    if (answer.contains("output")) return Outcome(Next{"out", answer["output"]});
    return Outcome(Next{"out", answer});  // a dry run: {"state": "dry_run"}
}

}  // namespace signalbox::workflow
