// Calls another system through the outbox and goes on with its answer.
#include "workflow/node_type.h"
#include "workflow/params.h"
#include "workflow/receipt.h"

namespace signalbox::workflow::http_request {

extern const char* const kSchema;

namespace {

struct PreparedRequest : Prepared {
    Params params;
};

class HttpRequestNode : public NodeType {
public:
    std::string name() const override { return "http_request"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override { return {{"out", "Answered"}, {"error", "Failed"}}; }
    std::vector<std::string> check(const Json& params) const override { return checkAll(params); }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        Json content = Json::object();
        for (const char* field :
             {"method", "url", "headers", "query", "body", "form", "timeout_s", "fail_on_status"}) {
            if (params.contains(field)) content[field] = params[field];
        }
        auto compiled = Params::compile(Json{{"kind", "http"},
                                             {"type", "http"},
                                             {"account", params["account"]},
                                             {"content", std::move(content)}});
        if (!compiled) return compiled.error();
        auto prepared = std::make_unique<PreparedRequest>();
        compiled->collectNames(prepared->names);
        prepared->params = std::move(*compiled);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        auto request = static_cast<const PreparedRequest&>(input.prepared).params.render(input.scope);
        if (!request) return request.error();
        if (!memberAt((*request)["content"], "url").is_string())
            return Error{ErrorKind::Invalid, "url: must be a text"};
        return Outcome(Send{std::move(*request), true});
    }
    Result<Outcome> resume(const NodeInput&, const Json& answer) const override {
        if (auto taken = readReceipt("http request", answer); !taken) return taken.error();
        if (textAt(answer, "state") == "dry_run") return Outcome(Next{"out", answer});
        return Outcome(Next{"out", memberAt(answer, "content")});
    }
};

}  // namespace

const NodeType& type() {
    static const HttpRequestNode instance;
    return instance;
}

}  // namespace signalbox::workflow::http_request
