// Two ways on: the condition holds, or it does not.
#include "workflow/expr/expression.h"
#include "workflow/node_type.h"

namespace signalbox::workflow::if_node {

extern const char* const kSchema;

namespace {

struct PreparedIf : Prepared {
    explicit PreparedIf(Expression condition_) : condition(std::move(condition_)) {
        names = condition.names();
    }
    Expression condition;
};

class If : public NodeType {
public:
    std::string name() const override { return "if"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override { return {{"true", "Yes"}, {"false", "No"}}; }
    std::vector<std::string> check(const Json& params) const override {
        const auto made = prepare(params);
        if (made) return {};
        return {made.error().message};
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto condition = Expression::compile(textAt(params, "condition"));
        if (!condition) return withContext("condition", condition.error());
        return std::unique_ptr<const Prepared>(std::make_unique<PreparedIf>(std::move(*condition)));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto value = static_cast<const PreparedIf&>(input.prepared).condition.evaluate(input.scope);
        if (!value) return withContext("condition", value.error());
        return Outcome(Next{isTruthy(*value) ? "true" : "false", {}});
    }
};

}  // namespace

const NodeType& type() {
    static const If instance;
    return instance;
}

}  // namespace signalbox::workflow::if_node
