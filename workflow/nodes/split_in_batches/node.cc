// Repeats what hangs on "each" once for each batch of a list; "done" gets the results.
#include "workflow/repeat_node.h"

namespace signalbox::workflow::split_in_batches {

extern const char* const kSchema;

namespace {

struct PreparedSplit : Prepared {
    explicit PreparedSplit(Expression items_) : items(std::move(items_)) { names = items.names(); }
    Expression items;
};

class SplitInBatches : public RepeatNode {
public:
    SplitInBatches() : RepeatNode("split_in_batches", kSchema) {}

    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto items = Expression::compile(textAt(params, "items"));
        if (!items) return withContext("items", items.error());
        return std::unique_ptr<const Prepared>(std::make_unique<PreparedSplit>(std::move(*items)));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        auto items = listOf(static_cast<const PreparedSplit&>(input.prepared).items, input.scope);
        if (!items) return items.error();
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
