// Starts a run for a call of a path of its own (daemon/hooks/trigger_door verifies it), or for a callback
// that a webhook account accepted.
#include "workflow/event_filter.h"
#include "workflow/own_path.h"

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
    std::vector<std::string> check(const Json& params) const override {
        auto faults = TriggerType::check(params);
        const std::string path = textAt(params, "path");
        if (path.empty()) return faults;
        if (const auto good = checkOwnPath(path, true); !good) faults.push_back(good.error().message);
        if (params.contains("account")) faults.push_back("account: a path of its own needs none");
        const std::string kind = textAt(memberAt(params, "verify"), "kind", "none");
        if (kind != "none" && textAt(memberAt(params, "verify"), "credential").empty())
            faults.push_back("verify.credential: is missing; name a credential of type signing");
        return faults;
    }

private:
    Result<EventFilter> filterOf(const Json& params) const override {
        EventFilter filter;
        // Calls of a path are for the trigger that has it; the engine tells which one that is.
        const bool has_path = !textAt(params, "path").empty();
        if (auto added = filter.require(has_path ? "content.endpoint != null" : "content.endpoint == null");
            !added)
            return added.error();
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
