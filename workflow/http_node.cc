#include "workflow/http_node.h"

#include "hub/accounts/built_in.h"
#include "workflow/receipt.h"

namespace signalbox::workflow {
namespace {

struct PreparedHttp : Prepared {
    Params wanted;
};

}  // namespace

Json membersOf(const Json& params, std::initializer_list<const char*> names) {
    Json out = Json::object();
    for (const char* name : names)
        if (params.contains(name)) out[name] = params[name];
    return out;
}

std::vector<std::string> HttpNode::check(const Json& params) const {
    auto faults = checkAll(params);
    for (auto& fault : faultsOf(params)) faults.push_back(std::move(fault));
    return faults;
}

Result<std::unique_ptr<const Prepared>> HttpNode::prepare(const Json& params) const {
    auto compiled = Params::compile(wantedOf(params));
    if (!compiled) return compiled.error();
    auto prepared = std::make_unique<PreparedHttp>();
    compiled->collectNames(prepared->names);
    prepared->wanted = std::move(*compiled);
    return std::unique_ptr<const Prepared>(std::move(prepared));
}

Result<Outcome> HttpNode::enter(const NodeInput& input) const {
    auto wanted = static_cast<const PreparedHttp&>(input.prepared).wanted.render(input.scope);
    if (!wanted) return wanted.error();
    auto content = requestOf(input, std::move(*wanted));
    if (!content) return content.error();
    Json request = {{"kind", "http"}, {"type", "http"}, {"account", kBuiltInHttp}};
    for (const char* name : {"account", "expires_in_s"}) {
        if (!memberAt(*content, name).is_null()) request[name] = (*content)[name];
        content->erase(name);
    }
    // The node's own retry decides, not the outbox's patience.
    if (memberAt(input.params, "retry").is_object()) (*content)["tries"] = 1;
    request["content"] = std::move(*content);
    return Outcome(Send{std::move(request), true});
}

Result<Outcome> HttpNode::resume(const NodeInput& input, const Json& answer) const {
    if (auto taken = readReceipt(name_ == "http_request" ? "http request" : name_, answer); !taken)
        return taken.error();
    if (textAt(answer, "state") == "dry_run") return Outcome(Next{"out", answer});
    return takeAnswer(input, memberAt(answer, "content"));
}

Result<Outcome> HttpNode::takeAnswer(const NodeInput& input, const Json& answer) const {
    auto output = outputOf(input, answer);
    if (!output) return output.error();
    return Outcome(Next{"out", std::move(*output)});
}

}  // namespace signalbox::workflow
