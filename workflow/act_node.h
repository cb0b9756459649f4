// A node type that changes something in the hub: its params, with their expressions evaluated, become the
// request of an `Act`. What most action nodes are, so that they are a schema and one line. Any thread.
#pragma once

#include <string>

#include "workflow/node_type.h"

namespace signalbox::workflow {

class ActNode : public NodeType {
public:
    // `action`: the kind that daemon/app has a handler for. Every property of the schema is a member of the
    // request.
    ActNode(std::string name, const char* schema, std::string action);

    std::string name() const override { return name_; }
    const std::string& paramsSchema() const override { return schema_; }
    std::vector<std::string> check(const Json& params) const override;
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override;
    Result<Outcome> enter(const NodeInput& input) const override;
    // Goes on with the action's output.
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override;

private:
    const std::string name_, schema_, action_;
    std::vector<std::string> members_;
};

}  // namespace signalbox::workflow
