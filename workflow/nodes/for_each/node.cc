// Repeats what hangs on "each" once for each item of a list; "done" gets what came of them, in order.
#include "workflow/params.h"
#include "workflow/repeat_node.h"

namespace signalbox::workflow::for_each {

extern const char* const kSchema;

namespace {

struct PreparedForEach : Prepared {
    explicit PreparedForEach(Expression items_) : items(std::move(items_)) { names = items.names(); }
    Expression items;
    std::optional<Expression> result;
    Params file;
};

OnItemError policyOf(const std::string& name) {
    if (name == "continue") return OnItemError::Continue;
    return name == "collect" ? OnItemError::Collect : OnItemError::Stop;
}

class ForEach : public RepeatNode {
public:
    ForEach() : RepeatNode("for_each", kSchema) {}

    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto items = Expression::compile(textAt(params, "items"));
        if (!items) return withContext("items", items.error());
        auto prepared = std::make_unique<PreparedForEach>(std::move(*items));
        if (const std::string text = textAt(params, "result"); !text.empty()) {
            auto result = Expression::compile(text);
            if (!result) return withContext("result", result.error());
            for (auto& name : result->names()) prepared->names.push_back(std::move(name));
            prepared->result = std::move(*result);
        }
        auto file = Params::compile(memberAt(params, "file"));
        if (!file) return withContext("file", file.error());
        file->collectNames(prepared->names);
        prepared->file = std::move(*file);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<std::optional<Json>> passResult(const NodeInput& input) const override {
        const auto& result = static_cast<const PreparedForEach&>(input.prepared).result;
        if (!result) return std::optional<Json>{};
        auto made = result->evaluate(input.scope);
        if (!made) return made.error();
        return std::optional<Json>(std::move(*made));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        if (!textAt(input.params, "file").empty()) return overFile(input);
        auto items = listOf(static_cast<const PreparedForEach&>(input.prepared).items, input.scope);
        if (!items) return items.error();
        return Outcome(Repeat{std::move(*items), numberAt(input.params, "concurrency", 1),
                              policyOf(textAt(input.params, "on_item_error", "stop"))});
    }
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override {
        const Json& results = memberAt(answer, "results");
        const Json& errors = memberAt(answer, "errors");
        Json kept = Json::array();
        auto error = errors.begin();
        const bool keeps_gaps = textAt(input.params, "on_item_error", "stop") != "collect";
        // Errors stand in the order they happened; what failed is told by its index.
        std::vector<bool> has_failed(results.size());
        for (; error != errors.end(); ++error) {
            const auto index = static_cast<std::size_t>(numberAt(*error, "index"));
            if (index < has_failed.size()) has_failed[index] = true;
        }
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (keeps_gaps || !has_failed[i]) kept.push_back(results[i]);
        }
        Json output = {{"results", std::move(kept)},
                       {"count", numberAt(answer, "count", static_cast<std::int64_t>(results.size()))},
                       {"failed", numberAt(answer, "failed", static_cast<std::int64_t>(errors.size()))},
                       {"errors", errors}};
        if (flagAt(answer, "spilled")) output["spilled"] = true;
        return Outcome(Next{"done", std::move(output)});
    }

private:
    static Result<Outcome> overFile(const NodeInput& input) {
        const auto file = static_cast<const PreparedForEach&>(input.prepared).file.render(input.scope);
        if (!file) return withContext("file", file.error());
        Repeat repeat{Json::array(), numberAt(input.params, "concurrency", 1),
                      policyOf(textAt(input.params, "on_item_error", "stop"))};
        repeat.source = {{"file", textIn(*file)}};
        if (const std::string separator = textAt(input.params, "separator"); !separator.empty())
            repeat.source["separator"] = separator;
        if (const std::string sheet = textAt(input.params, "sheet"); !sheet.empty())
            repeat.source["sheet"] = sheet;
        return Outcome(std::move(repeat));
    }
};

}  // namespace

const NodeType& type() {
    static const ForEach instance;
    return instance;
}

}  // namespace signalbox::workflow::for_each
