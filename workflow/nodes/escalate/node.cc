// Tells one after the other until somebody takes it. How far it has come stands in the hub (hub/notices), not
// here: a node keeps nothing between its calls.
#include "workflow/engine/event_waits.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::escalate {

extern const char* const kSchema;

namespace {

struct PreparedEscalation : Prepared {
    Params request;
};

class Escalate : public NodeType {
public:
    std::string name() const override { return "escalate"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override {
        return {{"acknowledged", "Taken"}, {"nobody", "Nobody"}};
    }
    std::vector<std::string> check(const Json& params) const override { return checkAll(params); }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        Json request = Json::object();
        for (const char* member : {"steps", "title", "text", "link", "email", "account"})
            if (params.contains(member)) request[member] = params[member];
        auto compiled = Params::compile(request);
        if (!compiled) return compiled.error();
        auto prepared = std::make_unique<PreparedEscalation>();
        compiled->collectNames(prepared->names);
        prepared->request = std::move(*compiled);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        auto request = static_cast<const PreparedEscalation&>(input.prepared).request.render(input.scope);
        if (!request) return request.error();
        (*request)["kind"] = "escalation.begin";
        return Outcome(Act{std::move(*request)});
    }
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override {
        if (textAt(answer, "state") == "dry_run") return Outcome(Next{"acknowledged", answer});
        if (flagAt(answer, "timed_out")) {
            Json request = {{"kind", "escalation.next"}, {"email", flagAt(input.params, "email")}};
            if (const std::string account = textAt(input.params, "account"); !account.empty())
                request["account"] = account;
            return Outcome(Act{std::move(request)});
        }
        if (!answer.contains("output")) return Outcome(Next{"acknowledged", answer});  // the event
        const Json& output = answer["output"];
        if (output.contains("acknowledged")) return Outcome(Next{"acknowledged", output["acknowledged"]});
        if (flagAt(output, "is_over")) return Outcome(Next{"nobody", output});
        const EventKey key{"escalation.acknowledged", "escalation_id", textAt(output, "id")};
        return Outcome(Await{key.text(), input.now + std::chrono::seconds(numberAt(output, "wait_s"))});
    }
    Result<bool> matches(const Prepared&, const Json&) const override { return true; }
};

}  // namespace

const NodeType& type() {
    static const Escalate instance;
    return instance;
}

}  // namespace signalbox::workflow::escalate
