// What the nodes create_ticket, create_task, save_lead, record_call and change_item do, in the commit of the
// walk.
#pragma once

#include "daemon/app/workflow_actions.h"
#include "hub/work/work_items.h"

namespace signalbox {

// "ticket.save", "task.save", "lead.save", "call.save": {…the members of hub/work/work_form.h}; the output is
// the item's id, kind and what was written. "work.change": {"id", …members}.
void addWorkActions(WorkflowActions& actions, WorkItems& work);

}  // namespace signalbox
