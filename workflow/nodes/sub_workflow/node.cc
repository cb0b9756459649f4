// Runs another workflow as a part of this one: its result, error, end and time are this node's.
#include "workflow/expr/expression.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::sub_workflow {

extern const char* const kSchema;

namespace {

struct PreparedSubWorkflow : Prepared {
    Params input;
    bool has_input = false;
};

class SubWorkflow : public NodeType {
public:
    std::string name() const override { return "sub_workflow"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> check(const Json& params) const override {
        const auto made = prepare(params);
        if (made) return {};
        return {made.error().message};
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedSubWorkflow>();
        prepared->has_input = params.contains("input");
        auto input = Params::compile(memberAt(params, "input"));
        if (!input) return withContext("input", input.error());
        input->collectNames(prepared->names);
        prepared->input = std::move(*input);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedSubWorkflow&>(input.prepared);
        Spawn spawn{textAt(input.params, "workflow"), input.item, true};
        if (prepared.has_input) {
            auto rendered = prepared.input.render(input.scope);
            if (!rendered) return withContext("input", rendered.error());
            spawn.input = std::move(*rendered);
        }
        return Outcome(std::move(spawn));
    }
    // The child's error is this node's.
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override {
        if (answer.contains("state")) return Outcome(Next{"out", answer});  // a dry run
        const std::string status = textAt(answer, "status");
        if (status == "succeeded") return Outcome(Next{"out", memberAt(answer, "result")});
        const Json& error = memberAt(answer, "error");
        const std::string message = textAt(error, "message", "it is " + status);
        return Error{ErrorKind::Rejected,
                     "workflow " + textAt(input.params, "workflow") + ": " + message,
                     {},
                     textAt(error, "code", "child_" + status)};
    }
};

}  // namespace

const NodeType& type() {
    static const SubWorkflow instance;
    return instance;
}

}  // namespace signalbox::workflow::sub_workflow
