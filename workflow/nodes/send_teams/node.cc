// Posts a message to a Teams channel, by the address of a workflow «when a webhook request is received» in
// Teams.
#include "workflow/http_node.h"

namespace signalbox::workflow::send_teams {

extern const char* const kSchema;

namespace {

class SendTeams : public HttpNode {
public:
    SendTeams() : HttpNode("send_teams", kSchema) {}

private:
    std::vector<std::string> faultsOf(const Json& params) const override {
        if (params.contains("text") || params.contains("card")) return {};
        return {"text: is missing"};
    }
    Json wantedOf(const Json& params) const override { return membersOf(params, {"text", "card"}); }
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
        Json card = wanted.contains("card")
                        ? wanted["card"]
                        : Json{{"type", "AdaptiveCard"},
                               {"version", "1.4"},
                               {"body", Json::array({{{"type", "TextBlock"},
                                                      {"text", textIn(memberAt(wanted, "text"))},
                                                      {"wrap", true}}})}};
        return Json{{"type", "message"},
                    {"attachments", Json::array({{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                                  {"content", std::move(card)}}})}};
    }
};

}  // namespace

const NodeType& type() {
    static const SendTeams instance;
    return instance;
}

}  // namespace signalbox::workflow::send_teams
