// Lets each key through once within a window of time, whatever runs ask for it at the same time.
#include "workflow/expr/expression.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::dedupe {

extern const char* const kSchema;

namespace {

struct PreparedDedupe : Prepared {
    explicit PreparedDedupe(Expression key_) : key(std::move(key_)) { names = key.names(); }
    Expression key;
};

// Takes, sleeps until that is on disk, looks at what came of it, goes on.
class Dedupe : public NodeType {
public:
    std::string name() const override { return "dedupe"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override { return {{"out", "First"}, {"duplicate", "Again"}}; }
    std::vector<std::string> check(const Json& params) const override {
        const auto made = prepare(params);
        if (made) return {};
        return {made.error().message};
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto key = Expression::compile(textAt(params, "key"));
        if (!key) return withContext("key", key.error());
        return std::unique_ptr<const Prepared>(std::make_unique<PreparedDedupe>(std::move(*key)));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto key = keyOf(input);
        if (!key) return key.error();
        return Outcome(Act{{{"kind", "claim.take"}, {"key", *key}, {"window_s", input.params["window_s"]}}});
    }
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override {
        if (answer.contains("state")) return Outcome(Next{});  // a dry run
        if (answer.is_null()) {
            const auto key = keyOf(input);
            if (!key) return key.error();
            return Outcome(Act{{{"kind", "claim.check"}, {"key", *key}}});
        }
        const Json& output = memberAt(answer, "output");
        if (!output.contains("is_owner")) return Outcome(Sleep{input.now + std::chrono::microseconds(1)});
        return Outcome(Next{flagAt(output, "is_owner") ? "out" : "duplicate", {}});
    }

private:
    static Result<std::string> keyOf(const NodeInput& input) {
        const auto value = static_cast<const PreparedDedupe&>(input.prepared).key.evaluate(input.scope);
        if (!value) return withContext("key", value.error());
        return textIn(*value);
    }
};
}  // namespace

const NodeType& type() {
    static const Dedupe instance;
    return instance;
}

}  // namespace signalbox::workflow::dedupe
