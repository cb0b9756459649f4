// Tells other systems of something: a webhook as Standard Webhooks describes it, signed when it leaves and
// tried again for days. To an address or one subscription, whose answer it waits for; or to all subscriptions
// that want the event, and goes on at once.
#include "hub/model/webhook_target.h"
#include "workflow/http_node.h"

namespace signalbox::workflow::emit_webhook {

extern const char* const kSchema;

namespace {

constexpr std::size_t kMaxType = 200;

bool isToAll(const Json& params) {
    return textAt(params, "url").empty() && textAt(params, "subscription").empty();
}

class EmitWebhook : public HttpNode {
public:
    EmitWebhook() : HttpNode("emit_webhook", kSchema) {}

    Result<Outcome> enter(const NodeInput& input) const override {
        auto sent = HttpNode::enter(input);
        if (!sent || !isToAll(input.params)) return sent;
        const Json& body = std::get<Send>(*sent).request["content"]["body"];
        return Outcome(Act{{{"kind", "webhook.emit"}, {"event", body["type"]}, {"data", body["data"]}}});
    }
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override {
        if (!isToAll(input.params)) return HttpNode::resume(input, answer);
        return Outcome(Next{"out", answer.contains("output") ? answer["output"] : answer});
    }

private:
    std::vector<std::string> faultsOf(const Json& params) const override {
        const std::string subscription = textAt(params, "subscription");
        if (subscription.empty()) return {};
        for (const char* own : {"url", "signing", "credential"}) {
            if (!textAt(params, own).empty())
                return {std::string(own) + ": a subscription has its own; leave it out"};
        }
        if (!parseId(kWebhookId, subscription))
            return {"subscription: must be an id such as whk_0c3k9q2m4x7v1"};
        return {};
    }
    Json wantedOf(const Json& params) const override {
        return membersOf(params, {"url", "event", "data", "headers"});
    }
    Result<Json> requestOf(const NodeInput& input, Json wanted) const override {
        if (wanted.contains("url") && !wanted["url"].is_string())
            return Error{ErrorKind::Invalid, "url: must be a text"};
        const std::string event = textAt(wanted, "event");
        if (event.empty() || event.size() > kMaxType)
            return Error{ErrorKind::Invalid, "event: must be a name such as order.paid"};
        Json body = {{"type", event},
                     {"timestamp", toRfc3339(input.now)},
                     {"data", wanted.contains("data") ? wanted["data"] : input.item}};
        Json content = {{"method", "POST"}, {"body", std::move(body)}};
        if (wanted.contains("url")) content["url"] = wanted["url"];
        if (const auto subscription = parseId(kWebhookId, textAt(input.params, "subscription")))
            content = webhookRequest(*subscription, std::move(content["body"]));
        content["timeout_s"] = input.params["timeout_s"];
        content["expires_in_s"] = numberAt(input.params, "try_for_s");
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
