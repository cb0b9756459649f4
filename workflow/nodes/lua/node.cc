// Runs a Lua script in the sandbox; what `run(item)` returns goes on.
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::lua {

extern const char* const kSchema;

namespace {

struct PreparedLua : Prepared {
    std::string source;
    Params input;
    bool has_input = false;
    std::chrono::milliseconds timeout{};
};

class Lua : public NodeType {
public:
    std::string name() const override { return "lua"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> check(const Json& params) const override {
        auto faults = checkAll(memberAt(params, "input"));
        for (auto& fault : faults) fault.insert(0, "input: ");
        if (textAt(params, "source").empty() && textAt(params, "script").empty()) {
            faults.push_back("needs the script's text in `source`, or its name in `script`");
        }
        return faults;
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedLua>();
        prepared->source = textAt(params, "source");
        if (prepared->source.empty())
            return Error{ErrorKind::NotFound, "script: there is no " + textAt(params, "script")};
        prepared->timeout = std::chrono::milliseconds(numberAt(params, "timeout_ms"));
        if (params.contains("input")) {
            auto input = Params::compile(params["input"]);
            if (!input) return withContext("input", input.error());
            input->collectNames(prepared->names);
            prepared->input = std::move(*input);
            prepared->has_input = true;
        }
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedLua&>(input.prepared);
        Call call{prepared.source, {}, prepared.timeout};
        if (prepared.has_input) {
            auto item = prepared.input.render(input.scope);
            if (!item) return withContext("input", item.error());
            call.item = std::move(*item);
        }
        return Outcome(std::move(call));
    }
    Result<Outcome> resume(const NodeInput&, const Json& answer) const override {
        return Outcome(Next{"out", memberAt(answer, "result")});
    }
};

}  // namespace

const NodeType& type() {
    static const Lua instance;
    return instance;
}

}  // namespace signalbox::workflow::lua
