// What the nodes assign_conversation, tag_conversation, set_status, set_priority and add_note do, in the
// commit of the walk.
#pragma once

#include "daemon/app/workflow_actions.h"
#include "hub/inbox/desk.h"
#include "hub/inbox/lines.h"

namespace signalbox {

struct DeskActionParts {
    Store& store;
    Ids& ids;
    Desk& desk;
    Lines& lines;
};

// "conversation.assign" {user_id | team_id, strategy}, "conversation.tag" {add, remove},
// "conversation.status" {status, until}, "conversation.priority" {priority}, "note.add" {text}; each of
// `conversation_id`, else of the conversation that started the run.
void addDeskActions(WorkflowActions& actions, DeskActionParts parts);

}  // namespace signalbox
