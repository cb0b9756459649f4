// What the node save_contact does, in the commit of the walk.
#pragma once

#include "daemon/app/workflow_actions.h"
#include "hub/people/profiles.h"

namespace signalbox {

struct PersonActionParts {
    Store& store;
    Ids& ids;
    Profiles& profiles;
};

// "person.save" {person_id | phone | email, name, region, person_kind, fields}: gives {id, is_new, name}.
void addPersonActions(WorkflowActions& actions, PersonActionParts parts);

}  // namespace signalbox
