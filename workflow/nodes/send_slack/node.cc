// Posts a message to a Slack channel, by the address of an incoming webhook that Slack gave for it.
#include "workflow/http_node.h"

namespace signalbox::workflow::send_slack {

extern const char* const kSchema;

namespace {

class SendSlack : public HttpNode {
public:
    SendSlack() : HttpNode("send_slack", kSchema) {}

private:
    std::vector<std::string> faultsOf(const Json& params) const override {
        if (params.contains("text") || params.contains("blocks")) return {};
        return {"text: is missing"};
    }
    Json wantedOf(const Json& params) const override {
        return membersOf(params, {"text", "blocks", "thread_ts"});
    }
    Result<Json> requestOf(const NodeInput& input, Json wanted) const override {
        return Json{{"method", "POST"},
                    {"credential", textAt(input.params, "credential")},
                    {"body", bodyOf(wanted)},
                    {"expires_in_s", 14'400}};
    }
    Result<Json> outputOf(const NodeInput&, const Json& answer) const override {
        return Json{{"state", "sent"}, {"status", memberAt(answer, "status")}};
    }
    static Json bodyOf(const Json& wanted) {
        Json body = {{"text", textIn(memberAt(wanted, "text"))}};
        for (const char* name : {"blocks", "thread_ts"})
            if (wanted.contains(name)) body[name] = wanted[name];
        return body;
    }
};

}  // namespace

const NodeType& type() {
    static const SendSlack instance;
    return instance;
}

}  // namespace signalbox::workflow::send_slack
