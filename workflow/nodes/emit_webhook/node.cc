// Tells another system of something: a webhook as Standard Webhooks describes it, signed when it leaves and
// tried again for days.
#include "workflow/http_node.h"

namespace signalbox::workflow::emit_webhook {

extern const char* const kSchema;

namespace {

constexpr std::size_t kMaxType = 200;

class EmitWebhook : public HttpNode {
public:
    EmitWebhook() : HttpNode("emit_webhook", kSchema) {}

private:
    Json wantedOf(const Json& params) const override {
        return membersOf(params, {"url", "event", "data", "headers"});
    }
    Result<Json> requestOf(const NodeInput& input, Json wanted) const override {
        if (!memberAt(wanted, "url").is_string()) return Error{ErrorKind::Invalid, "url: must be a text"};
        const std::string event = textAt(wanted, "event");
        if (event.empty() || event.size() > kMaxType)
            return Error{ErrorKind::Invalid, "event: must be a name such as order.paid"};
        Json content = {{"method", "POST"},
                        {"url", wanted["url"]},
                        {"body",
                         {{"type", event},
                          {"timestamp", toRfc3339(input.now)},
                          {"data", wanted.contains("data") ? wanted["data"] : input.item}}},
                        {"timeout_s", input.params["timeout_s"]},
                        {"expires_in_s", numberAt(input.params, "try_for_s")}};
        if (wanted.contains("headers")) content["headers"] = wanted["headers"];
        for (const auto& [param, member] :
             {std::pair("credential", "credential"), {"signing", "signature"}}) {
            const std::string name = textAt(input.params, param);
            if (name.empty()) continue;
            content[member] =
                member == std::string_view("signature") ? Json{{"credential", name}} : Json(name);
        }
        return content;
    }
    // What a receiver answers is nobody's business beyond its status.
    Result<Json> outputOf(const NodeInput&, const Json& answer) const override {
        return Json{{"status", memberAt(answer, "status")}, {"duration_ms", memberAt(answer, "duration_ms")}};
    }
};

}  // namespace

const NodeType& type() {
    static const EmitWebhook instance;
    return instance;
}

}  // namespace signalbox::workflow::emit_webhook
