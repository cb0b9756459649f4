// Lets so many runs through in a span of time; the others wait for their turn, or are turned away.
#include "workflow/claim_node.h"

namespace signalbox::workflow::throttle {

extern const char* const kSchema;

namespace {

class Throttle : public ClaimNode {
public:
    Throttle() : ClaimNode("throttle", kSchema, "at") {}
    std::vector<Port> ports(const Json&) const override {
        return {{"out", "In its turn"}, {"rejected", "Too many"}};
    }

private:
    Json taking(const NodeInput& input, const std::string& key) const override {
        return {{"kind", "slot.take"},
                {"key", key},
                {"limit", input.params["limit"]},
                {"per_s", input.params["per_s"]},
                {"may_wait", textAt(input.params, "when_full") == "wait"}};
    }
    Json looking(const std::string&) const override { return {{"kind", "slot.check"}}; }
    Outcome goOn(const NodeInput& input, const Json& decided) const override {
        if (decided["at"].is_null()) return Next{"rejected", {}};
        const TimePoint at = fromMicros(decided["at"].get<std::int64_t>());
        if (at <= input.now) return Next{};
        return Sleep{at};
    }
};

}  // namespace

const NodeType& type() {
    static const Throttle instance;
    return instance;
}

}  // namespace signalbox::workflow::throttle
