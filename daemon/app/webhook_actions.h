// What workflows emit: an event «webhook.emitted» of the log, which webhook subscriptions get by the name it
// goes by. The action is webhook.emit {event, data}.
#pragma once

#include "daemon/app/workflow_actions.h"
#include "hub/log/event_log.h"

namespace signalbox {

// `log` outlives the actions.
void addWebhookActions(WorkflowActions& actions, EventLog& log);

}  // namespace signalbox
