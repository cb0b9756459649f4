// Node types that call another system over HTTP, through the outbox, and go on with its answer: what
// http_request, emit_webhook, ai_completion, send_slack and send_teams are. Any thread.
#pragma once

#include <string>

#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow {

class HttpNode : public NodeType {
public:
    HttpNode(std::string name, const char* schema) : name_(std::move(name)), schema_(schema) {}

    std::string name() const override { return name_; }
    const std::string& paramsSchema() const override { return schema_; }
    std::vector<Port> ports(const Json&) const override { return {{"out", "Answered"}, {"error", "Failed"}}; }
    std::vector<std::string> check(const Json& params) const override;
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override;
    Result<Outcome> enter(const NodeInput& input) const override;
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override;

protected:
    // Beyond the templates in the params.
    virtual std::vector<std::string> faultsOf(const Json&) const { return {}; }
    // The part of the params whose expressions are evaluated when the node is entered.
    virtual Json wantedOf(const Json& params) const = 0;
    // The request (connectors/http/README.md) that comes of it. With a member «account» it leaves by that
    // account, with «expires_in_s» it is tried for so long.
    virtual Result<Json> requestOf(const NodeInput& input, Json wanted) const = 0;
    // The node's output, of {status, headers, body}.
    virtual Result<Json> outputOf(const NodeInput&, const Json& answer) const { return answer; }
    // What the node does with it: goes on with `outputOf`, unless it says otherwise.
    virtual Result<Outcome> takeAnswer(const NodeInput& input, const Json& answer) const;

private:
    const std::string name_, schema_;
};

// The members of `params` that are there.
Json membersOf(const Json& params, std::initializer_list<const char*> names);

}  // namespace signalbox::workflow
