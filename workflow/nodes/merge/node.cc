// Puts the inputs of a join together.
#include <algorithm>

#include "workflow/expr/expression.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::merge {

extern const char* const kSchema;

namespace {

struct PreparedMerge : Prepared {
    PreparedMerge() { names = {"inputs", "item"}; }
};

class Merge : public NodeType {
public:
    std::string name() const override { return "merge"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json&) const override {
        return std::unique_ptr<const Prepared>(std::make_unique<PreparedMerge>());
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const std::string mode = textAt(input.params, "mode", "object");
        const Json& inputs = memberAt(input.scope, "inputs");
        if (mode == "object") return Outcome(Next{"out", inputs});
        Json out = mode == "combine" ? Json::object() : Json::array();
        for (const auto& name : order(input.params, memberAt(input.scope, "input_order"), inputs)) {
            const Json& one = memberAt(inputs, name);
            if (mode == "first") return Outcome(Next{"out", one});
            if (mode == "combine") {
                if (!one.is_object())
                    return Error{ErrorKind::Invalid, "input " + name + ": is no object to combine"};
                out.update(one);
            } else if (mode == "append" && one.is_array()) {
                out.insert(out.end(), one.begin(), one.end());
            } else {
                out.push_back(one);
            }
        }
        return Outcome(Next{"out", std::move(out)});
    }

private:
    // Those that `order` names, then the others in the order of their edges.
    static std::vector<std::string> order(const Json& params, const Json& edges, const Json& inputs) {
        std::vector<std::string> names;
        for (const auto& name : memberAt(params, "order")) {
            if (name.is_string() && inputs.contains(name.get<std::string>())) names.push_back(name);
        }
        for (const auto& one : edges) {
            const std::string name = one;
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        }
        return names;
    }
};

}  // namespace

const NodeType& type() {
    static const Merge instance;
    return instance;
}

}  // namespace signalbox::workflow::merge
