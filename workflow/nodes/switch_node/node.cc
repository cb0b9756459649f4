// Several ways on: the first case that holds, else "else".
#include "workflow/expr/expression.h"
#include "workflow/node_type.h"

namespace signalbox::workflow::switch_node {

extern const char* const kSchema;

namespace {

struct Case {
    std::string id;
    Expression condition;
};
struct PreparedSwitch : Prepared {
    std::vector<Case> cases;
};

// `when` is a condition of its own; `equals` compares with the switch's `value`.
std::string conditionOf(const Json& one, const std::string& value) {
    if (one.contains("when")) return textAt(one, "when");
    return "(" + value + ") == " + dumpJson(memberAt(one, "equals"));
}

class Switch : public NodeType {
public:
    std::string name() const override { return "switch"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json& params) const override {
        std::vector<Port> out;
        for (const auto& one : memberAt(params, "cases")) {
            const std::string id = textAt(one, "id");
            out.push_back({id, textAt(one, "label", id)});
        }
        out.push_back({"else", "Else"});
        return out;
    }
    std::vector<std::string> check(const Json& params) const override {
        std::vector<std::string> faults;
        const std::string value = textAt(params, "value");
        std::vector<std::string> seen{"else", "error"};
        for (const auto& one : memberAt(params, "cases")) {
            const std::string id = textAt(one, "id");
            for (const auto& other : seen) {
                if (other == id) faults.push_back("case " + id + ": the id is taken");
            }
            seen.push_back(id);
            if (!one.contains("when") && (!one.contains("equals") || value.empty())) {
                faults.push_back("case " + id +
                                 ": needs `when`, or `equals` together with the switch's `value`");
                continue;
            }
            const auto made = Expression::compile(conditionOf(one, value));
            if (!made) faults.push_back("case " + id + ": " + made.error().message);
        }
        return faults;
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedSwitch>();
        for (const auto& one : memberAt(params, "cases")) {
            auto condition = Expression::compile(conditionOf(one, textAt(params, "value")));
            if (!condition) return withContext("case " + textAt(one, "id"), condition.error());
            const auto names = condition->names();
            prepared->names.insert(prepared->names.end(), names.begin(), names.end());
            prepared->cases.push_back({textAt(one, "id"), std::move(*condition)});
        }
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        for (const auto& one : static_cast<const PreparedSwitch&>(input.prepared).cases) {
            const auto value = one.condition.evaluate(input.scope);
            if (!value) return withContext("case " + one.id, value.error());
            if (isTruthy(*value)) return Outcome(Next{one.id, {}});
        }
        return Outcome(Next{"else", {}});
    }
};

}  // namespace

const NodeType& type() {
    static const Switch instance;
    return instance;
}

}  // namespace signalbox::workflow::switch_node
