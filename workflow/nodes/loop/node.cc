// Repeats what hangs on "each" as long as a condition holds; each pass gets what the last one gave.
#include "workflow/params.h"
#include "workflow/repeat_node.h"

namespace signalbox::workflow::loop {

extern const char* const kSchema;

namespace {

struct PreparedLoop : Prepared {
    std::optional<Expression> condition;
    Params variables;
};

class Loop : public RepeatNode {
public:
    Loop() : RepeatNode("loop", kSchema) {}

    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedLoop>();
        if (const std::string text = textAt(params, "while"); !text.empty()) {
            auto condition = Expression::compile(text);
            if (!condition) return withContext("while", condition.error());
            prepared->names = condition->names();
            prepared->condition = std::move(*condition);
        }
        auto variables = Params::compile(memberAt(params, "variables"));
        if (!variables) return withContext("variables", variables.error());
        variables->collectNames(prepared->names);
        if (!memberAt(params, "variables").empty()) prepared->names.push_back("vars");
        prepared->variables = std::move(*variables);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        auto variables = static_cast<const PreparedLoop&>(input.prepared).variables.render(input.scope);
        if (!variables) return withContext("variables", variables.error());
        if (!variables->is_object() || variables->empty()) return next(input, input.scope, 0);
        Json scope = input.scope;
        scope["vars"].update(*variables);
        auto outcome = next(input, scope, 0);
        if (!outcome) return outcome;
        if (auto* repeat = std::get_if<Repeat>(&*outcome))
            repeat->variables = std::move(*variables);
        else
            std::get<Next>(*outcome).variables = std::move(*variables);
        return outcome;
    }
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override {
        return next(input, input.scope, numberAt(answer, "next_index"));
    }

private:
    static Result<Outcome> next(const NodeInput& input, const Json& scope, std::int64_t made) {
        const auto& condition = static_cast<const PreparedLoop&>(input.prepared).condition;
        if (condition) {
            const auto holds = condition->evaluate(scope);
            if (!holds) return withContext("while", holds.error());
            if (!isTruthy(*holds)) return Outcome(Next{"done", {}});
        }
        if (made >= numberAt(input.params, "max", 100)) {
            if (!condition || textAt(input.params, "at_max", "fail") == "done")
                return Outcome(Next{"done", {}});
            return Error{ErrorKind::Rejected,
                         "the condition still holds after " + std::to_string(made) + " passes (max)",
                         {},
                         "max_iterations"};
        }
        Repeat repeat{Json::array({input.item})};
        repeat.first_index = made;
        repeat.passes_on = true;
        return Outcome(std::move(repeat));
    }
};

}  // namespace

const NodeType& type() {
    static const Loop instance;
    return instance;
}

}  // namespace signalbox::workflow::loop
