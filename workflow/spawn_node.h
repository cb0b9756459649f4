// Node types that start another workflow: sub_workflow, whose result, error, end and time are the node's own,
// and start_workflow, which does not wait. Any thread.
#pragma once

#include <string>

#include "workflow/node_type.h"

namespace signalbox::workflow {

class SpawnNode : public NodeType {
public:
    SpawnNode(std::string name, const char* schema, bool waits)
        : name_(std::move(name)), schema_(schema), waits_(waits) {}

    std::string name() const override { return name_; }
    const std::string& paramsSchema() const override { return schema_; }
    std::vector<std::string> check(const Json& params) const override;
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override;
    Result<Outcome> enter(const NodeInput& input) const override;
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override;

private:
    const std::string name_, schema_;
    const bool waits_;
};

}  // namespace signalbox::workflow
