// Starts another workflow and does not wait for it.
#include "workflow/expr/expression.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::start_workflow {

extern const char* const kSchema;

namespace {

struct PreparedStartWorkflow : Prepared {
    Params input;
    bool has_input = false;
};

class StartWorkflow : public NodeType {
public:
    std::string name() const override { return "start_workflow"; }
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
        auto prepared = std::make_unique<PreparedStartWorkflow>();
        prepared->has_input = params.contains("input");
        auto input = Params::compile(memberAt(params, "input"));
        if (!input) return withContext("input", input.error());
        input->collectNames(prepared->names);
        prepared->input = std::move(*input);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedStartWorkflow&>(input.prepared);
        Spawn spawn{textAt(input.params, "workflow"), input.item, false};
        if (prepared.has_input) {
            auto rendered = prepared.input.render(input.scope);
            if (!rendered) return withContext("input", rendered.error());
            spawn.input = std::move(*rendered);
        }
        return Outcome(std::move(spawn));
    }
    Result<Outcome> resume(const NodeInput&, const Json& answer) const override {
        return Outcome(Next{"out", answer});
    }
};

}  // namespace

const NodeType& type() {
    static const StartWorkflow instance;
    return instance;
}

}  // namespace signalbox::workflow::start_workflow
