#include "workflow/claim_node.h"

#include "workflow/expr/expression.h"
#include "workflow/params.h"

namespace signalbox::workflow {
namespace {

struct PreparedClaim : Prepared {
    explicit PreparedClaim(Expression key_) : key(std::move(key_)) { names = key.names(); }
    Expression key;
};

Result<std::string> keyOf(const NodeInput& input) {
    const auto value = static_cast<const PreparedClaim&>(input.prepared).key.evaluate(input.scope);
    if (!value) return withContext("key", value.error());
    return textIn(*value);
}

}  // namespace

std::vector<std::string> ClaimNode::check(const Json& params) const {
    if (const auto made = prepare(params); !made) return {made.error().message};
    return {};
}

Result<std::unique_ptr<const Prepared>> ClaimNode::prepare(const Json& params) const {
    auto key = Expression::compile(textAt(params, "key"));
    if (!key) return withContext("key", key.error());
    return std::unique_ptr<const Prepared>(std::make_unique<PreparedClaim>(std::move(*key)));
}

Result<Outcome> ClaimNode::enter(const NodeInput& input) const {
    const auto key = keyOf(input);
    if (!key) return key.error();
    return Outcome(Act{taking(input, *key)});
}

Result<Outcome> ClaimNode::resume(const NodeInput& input, const Json& answer) const {
    if (answer.contains("state")) return Outcome(Next{});  // a dry run
    if (answer.is_null()) {
        const auto key = keyOf(input);
        if (!key) return key.error();
        return Outcome(Act{looking(*key)});
    }
    const Json& output = memberAt(answer, "output");
    if (!output.contains(settled_by_)) return Outcome(Sleep{input.now + std::chrono::microseconds(1)});
    return goOn(input, output);
}

}  // namespace signalbox::workflow
