// Lets so many runs through in a span of time; the others wait for their turn, or are turned away.
#include "workflow/expr/expression.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::throttle {

extern const char* const kSchema;

namespace {

struct PreparedThrottle : Prepared {
    explicit PreparedThrottle(Expression key_) : key(std::move(key_)) { names = key.names(); }
    Expression key;
};

// Takes, sleeps until that is on disk, looks at what came of it, goes on.
class Throttle : public NodeType {
public:
    std::string name() const override { return "throttle"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override {
        return {{"out", "In its turn"}, {"rejected", "Too many"}};
    }
    std::vector<std::string> check(const Json& params) const override {
        const auto made = prepare(params);
        if (made) return {};
        return {made.error().message};
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto key = Expression::compile(textAt(params, "key"));
        if (!key) return withContext("key", key.error());
        return std::unique_ptr<const Prepared>(std::make_unique<PreparedThrottle>(std::move(*key)));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto key = keyOf(input);
        if (!key) return key.error();
        return Outcome(Act{{{"kind", "slot.take"},
                            {"key", *key},
                            {"limit", input.params["limit"]},
                            {"per_s", input.params["per_s"]},
                            {"may_wait", textAt(input.params, "when_full") == "wait"}}});
    }
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override {
        if (answer.contains("state")) return Outcome(Next{});  // a dry run
        if (answer.is_null()) return Outcome(Act{{{"kind", "slot.check"}}});
        const Json& output = memberAt(answer, "output");
        if (!output.contains("at")) return Outcome(Sleep{input.now + std::chrono::microseconds(1)});
        if (output["at"].is_null()) return Outcome(Next{"rejected", {}});
        const TimePoint at = fromMicros(output["at"].get<std::int64_t>());
        if (at <= input.now) return Outcome(Next{});
        return Outcome(Sleep{at});
    }

private:
    static Result<std::string> keyOf(const NodeInput& input) {
        const auto value = static_cast<const PreparedThrottle&>(input.prepared).key.evaluate(input.scope);
        if (!value) return withContext("key", value.error());
        return textIn(*value);
    }
};
}  // namespace

const NodeType& type() {
    static const Throttle instance;
    return instance;
}

}  // namespace signalbox::workflow::throttle
