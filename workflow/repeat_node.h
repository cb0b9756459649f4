// Node types that repeat what hangs on their port "each" and go on through "done": for_each,
// split_in_batches, loop. Immutable; any thread.
#pragma once

#include <string>

#include "workflow/expr/expression.h"
#include "workflow/node_type.h"

namespace signalbox::workflow {

class RepeatNode : public NodeType {
public:
    RepeatNode(std::string name, const char* schema) : name_(std::move(name)), schema_(schema) {}

    std::string name() const override { return name_; }
    const std::string& paramsSchema() const override { return schema_; }
    std::vector<Port> ports(const Json&) const override { return {{"each", "Each"}, {"done", "Done"}}; }
    bool repeats() const override { return true; }
    // What `prepare` says.
    std::vector<std::string> check(const Json& params) const override;

private:
    const std::string name_, schema_;
};

// The list that the param `items` means; null is an empty one. Invalid: it is no list.
Result<Json> listOf(const Expression& items, const Json& scope);

}  // namespace signalbox::workflow
