// Node types that take something which runs share, by a key, and go on as what came of it says: dedupe,
// throttle. They take, sleep until that is on disk, look at what came of it. Immutable; any thread.
#pragma once

#include <string>

#include "workflow/node_type.h"

namespace signalbox::workflow {

class ClaimNode : public NodeType {
public:
    // `settled_by`: the member of the answer that is there once it is decided.
    ClaimNode(std::string name, const char* schema, std::string settled_by)
        : name_(std::move(name)), schema_(schema), settled_by_(std::move(settled_by)) {}

    std::string name() const override { return name_; }
    const std::string& paramsSchema() const override { return schema_; }
    std::vector<std::string> check(const Json& params) const override;
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override;
    Result<Outcome> enter(const NodeInput& input) const override;
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override;

protected:
    // The requests of engine/claims.h.
    virtual Json taking(const NodeInput& input, const std::string& key) const = 0;
    virtual Json looking(const std::string& key) const = 0;
    // Where the run goes, now that it is decided.
    virtual Outcome goOn(const NodeInput& input, const Json& decided) const = 0;

private:
    const std::string name_, schema_, settled_by_;
};

}  // namespace signalbox::workflow
