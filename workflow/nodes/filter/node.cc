// Keeps what a condition holds for: the items of a list, or the item itself.
#include "workflow/expr/expression.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::filter {

extern const char* const kSchema;

namespace {

struct PreparedFilter : Prepared {
    std::optional<Expression> items, condition;
};

class Filter : public NodeType {
public:
    std::string name() const override { return "filter"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override {
        return {{"out", "Kept"}, {"rejected", "Rejected"}};
    }
    std::vector<std::string> check(const Json& params) const override {
        const auto made = prepare(params);
        if (made) return {};
        return {made.error().message};
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedFilter>();
        auto condition = Expression::compile(textAt(params, "condition"));
        if (!condition) return withContext("condition", condition.error());
        prepared->names = condition->names();
        prepared->condition = std::move(*condition);
        if (const std::string text = textAt(params, "items"); !text.empty()) {
            auto items = Expression::compile(text);
            if (!items) return withContext("items", items.error());
            const auto names = items->names();
            prepared->names.insert(prepared->names.end(), names.begin(), names.end());
            prepared->items = std::move(*items);
        }
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedFilter&>(input.prepared);
        if (!prepared.items) {
            const auto holds = prepared.condition->evaluate(input.scope);
            if (!holds) return withContext("condition", holds.error());
            return Outcome(Next{isTruthy(*holds) ? "out" : "rejected", {}});
        }
        const auto items = prepared.items->evaluate(input.scope);
        if (!items) return withContext("items", items.error());
        if (!items->is_array()) return Error{ErrorKind::Invalid, "items: must be a list"};
        Json scope = input.scope, kept = Json::array();
        for (const auto& item : *items) {
            scope["item"] = item;
            const auto holds = prepared.condition->evaluate(scope);
            if (!holds) return withContext("condition", holds.error());
            if (isTruthy(*holds)) kept.push_back(item);
        }
        return Outcome(Next{"out", std::move(kept)});
    }
};

}  // namespace

const NodeType& type() {
    static const Filter instance;
    return instance;
}

}  // namespace signalbox::workflow::filter
