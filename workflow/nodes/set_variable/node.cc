// Changes variables of the run; the data go on as they came.
#include "workflow/expr/operators.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::set_variable {

extern const char* const kSchema;

namespace {

struct PreparedChanges : Prepared {
    Params changes;
    std::optional<Params> output;
};

Result<Json> computed(expr::Operator op, const Json& before, const Json& value) {
    auto made = expr::arithmetic(op, before.is_null() ? Json(0) : before, value);
    if (const auto* fault = std::get_if<expr::Fault>(&made)) return Error{ErrorKind::Invalid, fault->why};
    return std::get<Json>(std::move(made));
}

Json emptyOf(const Json& before) {
    if (before.is_string()) return "";
    if (before.is_number()) return 0;
    if (before.is_boolean()) return false;
    return before.is_array() ? Json::array() : before.is_object() ? Json::object() : Json();
}

Result<Json> changed(const std::string& operation, Json before, const Json& value) {
    if (operation == "set") return value;
    if (operation == "add") return computed(expr::Operator::Add, before, value);
    if (operation == "subtract") return computed(expr::Operator::Subtract, before, value);
    if (operation == "multiply") return computed(expr::Operator::Multiply, before, value);
    if (operation == "divide") return computed(expr::Operator::Divide, before, value);
    if (operation == "clear") return emptyOf(before);
    if (before.is_null()) before = Json::array();
    if (!before.is_array())
        return Error{ErrorKind::Invalid, operation + " takes a variable that is a list, not " +
                                             std::string(expr::typeName(before))};
    if (operation == "append") {
        before.push_back(value);
    } else if (operation == "extend") {
        if (!value.is_array())
            return Error{ErrorKind::Invalid, "extend takes a list; use append for one value"};
        before.insert(before.end(), value.begin(), value.end());
    } else if (!before.empty()) {
        before.erase(operation == "remove_first" ? before.begin() : before.end() - 1);
    }
    return before;
}

class SetVariable : public NodeType {
public:
    std::string name() const override { return "set_variable"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> check(const Json& params) const override {
        auto faults = checkAll(memberAt(params, "changes"));
        for (auto& fault : checkAll(memberAt(params, "output"))) faults.push_back("output: " + fault);
        return faults;
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto changes = Params::compile(memberAt(params, "changes"));
        if (!changes) return withContext("changes", changes.error());
        auto prepared = std::make_unique<PreparedChanges>();
        changes->collectNames(prepared->names);
        prepared->names.push_back("vars");  // what they are before
        prepared->changes = std::move(*changes);
        if (params.contains("output")) {
            auto output = Params::compile(params["output"]);
            if (!output) return withContext("output", output.error());
            output->collectNames(prepared->names);
            prepared->output = std::move(*output);
        }
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedChanges&>(input.prepared);
        auto changes = prepared.changes.render(input.scope);
        if (!changes) return withContext("changes", changes.error());
        Next next;
        next.variables = Json::object();
        for (const auto& change : *changes) {
            const std::string variable = textAt(change, "name");
            const Json& before = next.variables.contains(variable)
                                     ? next.variables[variable]
                                     : memberAt(memberAt(input.scope, "vars"), variable);
            auto value = changed(textAt(change, "operation", "set"), before, memberAt(change, "value"));
            if (!value) return withContext(variable, value.error());
            next.variables[variable] = std::move(*value);
        }
        if (prepared.output) {
            Json scope = input.scope;
            for (const auto& [variable, value] : next.variables.items()) scope["vars"][variable] = value;
            auto output = prepared.output->render(scope);
            if (!output) return withContext("output", output.error());
            next.output = std::move(*output);
        }
        return Outcome(std::move(next));
    }
};

}  // namespace

const NodeType& type() {
    static const SetVariable instance;
    return instance;
}

}  // namespace signalbox::workflow::set_variable
