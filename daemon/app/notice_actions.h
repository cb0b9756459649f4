// What the nodes notify and escalate do, in the commit of the walk.
#pragma once

#include "daemon/app/workflow_actions.h"
#include "hub/notices/escalations.h"

namespace signalbox {

struct NoticeActionParts {
    Store& store;
    Ids& ids;
    Notices& notices;
    Escalations& escalations;
    workflow::Effects& effects;  // mails go by the outbox
};

// "user.notify" {to, title, text, link, email}: gives {notified, users}. "escalation.begin" {steps, title,
// text, link, email}: gives {id, step, wait_s}. "escalation.next" {email}: tells those of the next step and
// gives {id, step, wait_s}, or {is_over: true}, or {acknowledged: {by}} when somebody was faster.
void addNoticeActions(WorkflowActions& actions, NoticeActionParts parts);

}  // namespace signalbox
