// Starts a run for a callback that a webhook account accepted.
#include "workflow/event_filter.h"

namespace signalbox::workflow::trigger_webhook {

extern const char* const kSchema;

namespace {

class TriggerWebhook : public TriggerType {
public:
    std::string name() const override { return "trigger.webhook"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> eventTypes() const override { return {"webhook.received"}; }

private:
    Result<EventFilter> filterOf(const Json& params) const override {
        EventFilter filter;
        if (auto added = filter.requireOneOf("account", memberAt(params, "account")); !added) {
            return withContext("account", added.error());
        }
        // The generic connector puts the sender's own name of the event beside the body.
        if (auto added = filter.requireOneOf("content.event", memberAt(params, "event")); !added) {
            return withContext("event", added.error());
        }
        if (const std::string condition = textAt(params, "condition"); !condition.empty()) {
            if (auto added = filter.require(condition); !added)
                return withContext("condition", added.error());
        }
        return filter;
    }
};

}  // namespace

const NodeType& type() {
    static const TriggerWebhook instance;
    return instance;
}

}  // namespace signalbox::workflow::trigger_webhook
