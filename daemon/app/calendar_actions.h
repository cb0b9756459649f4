// What the node business_hours asks of the organization's calendars.
#pragma once

#include "daemon/app/workflow_actions.h"
#include "hub/calendars/calendars.h"

namespace signalbox {

// "calendar.look" {calendar, at}: gives {is_open, at, opens_at, closes_at, holiday, zone}; changes nothing.
void addCalendarActions(WorkflowActions& actions, const Calendars& calendars);

}  // namespace signalbox
