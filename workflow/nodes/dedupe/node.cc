// Lets each key through once within a window of time, whatever runs ask for it at the same time.
#include "workflow/claim_node.h"

namespace signalbox::workflow::dedupe {

extern const char* const kSchema;

namespace {

class Dedupe : public ClaimNode {
public:
    Dedupe() : ClaimNode("dedupe", kSchema, "is_owner") {}
    std::vector<Port> ports(const Json&) const override { return {{"out", "First"}, {"duplicate", "Again"}}; }

private:
    Json taking(const NodeInput& input, const std::string& key) const override {
        return {{"kind", "claim.take"}, {"key", key}, {"window_s", input.params["window_s"]}};
    }
    Json looking(const std::string& key) const override { return {{"kind", "claim.check"}, {"key", key}}; }
    Outcome goOn(const NodeInput&, const Json& decided) const override {
        return Next{flagAt(decided, "is_owner") ? "out" : "duplicate", {}};
    }
};

}  // namespace

const NodeType& type() {
    static const Dedupe instance;
    return instance;
}

}  // namespace signalbox::workflow::dedupe
