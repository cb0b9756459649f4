#include "daemon/app/webhook_actions.h"

#include "hub/webhooks/subscription.h"

namespace signalbox {

using workflow::ActionRequest;
using workflow::PreparedAction;

void addWebhookActions(WorkflowActions& actions, EventLog& log) {
    actions.add("webhook.emit", [&log](const ActionRequest& action) -> Result<PreparedAction> {
        const std::string type = textAt(action.request, "event");
        if (!isEventName(type))
            return Error{ErrorKind::Invalid, "event: 1 to 100 of a-z 0-9 . _ -, such as order.paid"};
        const std::string payload = dumpJson({{"type", type},
                                              {"data", memberAt(action.request, "data")},
                                              {"workflow", action.workflow},
                                              {"run_id", idText(kRunId, action.run)}});
        return PreparedAction{{{"event", type}}, [&log, payload, org = action.org](Tx& tx) {
                                  log.append(tx, {org, "webhook.emitted", 0, 0, payload});
                              }};
    });
}

}  // namespace signalbox
