// Repeats what hangs on "each" once for each batch of a list; "done" gets the results.
#include "workflow/expr/expression.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::split_in_batches {

extern const char* const kSchema;

namespace {

struct PreparedSplit : Prepared {
    explicit PreparedSplit(Expression items_) : items(std::move(items_)) { names = items.names(); }
    Expression items;
};

class SplitInBatches : public NodeType {
public:
    std::string name() const override { return "split_in_batches"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override { return {{"each", "Each"}, {"done", "Done"}}; }
    bool repeats() const override { return true; }
    std::vector<std::string> check(const Json& params) const override {
        const auto made = prepare(params);
        if (made) return {};
        return {made.error().message};
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto items = Expression::compile(textAt(params, "items"));
        if (!items) return withContext("items", items.error());
        return std::unique_ptr<const Prepared>(std::make_unique<PreparedSplit>(std::move(*items)));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        auto items = static_cast<const PreparedSplit&>(input.prepared).items.evaluate(input.scope);
        if (!items) return withContext("items", items.error());
        if (items->is_null()) *items = Json::array();
        if (!items->is_array()) return Error{ErrorKind::Invalid, "items: must be a list"};
        const auto size = static_cast<std::size_t>(numberAt(input.params, "batch_size", 1));
        Json batches = Json::array();
        for (std::size_t i = 0; i < items->size(); ++i) {
            if (i % size == 0) batches.push_back(Json::array());
            batches.back().push_back(std::move((*items)[i]));
        }
        return Outcome(Repeat{std::move(batches), numberAt(input.params, "concurrency", 1)});
    }
    // A batch that gives a list gives its items, anything else is one.
    Result<Outcome> resume(const NodeInput&, const Json& answer) const override {
        Json all = Json::array();
        for (const auto& one : memberAt(answer, "results")) {
            if (!one.is_array()) all.push_back(one);
            if (one.is_array()) all.insert(all.end(), one.begin(), one.end());
        }
        const auto batches = memberAt(answer, "results").size();
        return Outcome(Next{"done", Json{{"results", std::move(all)}, {"batches", batches}}});
    }
};

}  // namespace

const NodeType& type() {
    static const SplitInBatches instance;
    return instance;
}

}  // namespace signalbox::workflow::split_in_batches
