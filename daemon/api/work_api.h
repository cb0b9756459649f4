// Tickets, tasks, leads and calls: /api/v1/tickets, …/tasks, …/leads, …/calls, all alike (hub/work).
#pragma once

#include "daemon/api/router.h"
#include "hub/work/work_items.h"

namespace signalbox::api {

void addWorkRoutes(Router& router, Store& store, WorkItems& work);

}  // namespace signalbox::api
