// What the nodes create_ticket, create_task, save_lead, record_call, change_item and crm_upsert
// do, in the commit of the
// walk.
#pragma once

#include "daemon/app/workflow_actions.h"
#include "hub/work/crm_records.h"
#include "hub/work/work_items.h"

namespace signalbox {

// "ticket.save", "task.save", "lead.save", "call.save": {…the members of hub/work/work_form.h}; the output is
// the item's id, kind and what was written. "work.change": {"id", …members}.
void addWorkActions(WorkflowActions& actions, WorkItems& work);

// "crm.upsert" {system, object, external_id, fields, person_id}: gives {id, is_new, change, changed}.
void addCrmActions(WorkflowActions& actions, Store& store, Ids& ids, CrmRecords& records);

}  // namespace signalbox
