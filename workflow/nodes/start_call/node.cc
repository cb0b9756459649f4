// Calls somebody by a telephone account, through the outbox; goes on when the provider took the call.
#include "workflow/node_type.h"
#include "workflow/params.h"
#include "workflow/receipt.h"

namespace signalbox::workflow::start_call {

extern const char* const kSchema;

namespace {

struct PreparedCall : Prepared {
    Params request;
};

class StartCall : public NodeType {
public:
    std::string name() const override { return "start_call"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override { return {{"out", "Taken"}, {"error", "Failed"}}; }
    std::vector<std::string> check(const Json& params) const override {
        auto faults = checkAll(params);
        const int ways =
            static_cast<int>(params.contains("say")) + static_cast<int>(params.contains("answer_url"));
        if (ways != 1) faults.push_back("say: give either say or answer_url");
        return faults;
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        Json content = Json::object();
        for (const char* member : {"say", "language", "answer_url", "ring_s", "record"})
            if (params.contains(member)) content[member] = params[member];
        auto compiled =
            Params::compile(Json{{"type", "call"},
                                 {"channel", "voice"},
                                 {"account", params["account"]},
                                 {"to", params["to"]},
                                 {"text", memberAt(params, "say").is_string() ? params["say"] : ""},
                                 {"content", std::move(content)}});
        if (!compiled) return compiled.error();
        auto prepared = std::make_unique<PreparedCall>();
        compiled->collectNames(prepared->names);
        prepared->request = std::move(*compiled);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        auto request = static_cast<const PreparedCall&>(input.prepared).request.render(input.scope);
        if (!request) return request.error();
        if (request->contains("text")) (*request)["text"] = textIn((*request)["text"]);
        return Outcome(Send{std::move(*request), true});
    }
    Result<Outcome> resume(const NodeInput&, const Json& answer) const override {
        if (auto taken = readReceipt("call", answer); !taken) return taken.error();
        return Outcome(Next{"out", answer});
    }
};

}  // namespace

const NodeType& type() {
    static const StartCall instance;
    return instance;
}

}  // namespace signalbox::workflow::start_call
