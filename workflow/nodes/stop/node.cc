// Ends the run here and now: well, or with a message.
#include "workflow/expr/expression.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::stop {

extern const char* const kSchema;

namespace {

struct PreparedStop : Prepared {
    Params message, output;
    bool has_output = false;
};

class Stop : public NodeType {
public:
    std::string name() const override { return "stop"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override { return {}; }
    std::vector<std::string> check(const Json& params) const override {
        const auto made = prepare(params);
        if (made) return {};
        return {made.error().message};
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedStop>();
        auto message = Params::compile(memberAt(params, "message"));
        if (!message) return withContext("message", message.error());
        message->collectNames(prepared->names);
        prepared->message = std::move(*message);
        prepared->has_output = params.contains("output");
        auto output = Params::compile(memberAt(params, "output"));
        if (!output) return withContext("output", output.error());
        output->collectNames(prepared->names);
        prepared->output = std::move(*output);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedStop&>(input.prepared);
        Stopped stopped;
        stopped.is_failure = textAt(input.params, "as", "success") == "failure";
        auto message = prepared.message.render(input.scope);
        if (!message) return withContext("message", message.error());
        stopped.message = textIn(*message);
        if (prepared.has_output) {
            auto output = prepared.output.render(input.scope);
            if (!output) return withContext("output", output.error());
            stopped.output = std::move(*output);
        }
        return Outcome(std::move(stopped));
    }
};

}  // namespace

const NodeType& type() {
    static const Stop instance;
    return instance;
}

}  // namespace signalbox::workflow::stop
