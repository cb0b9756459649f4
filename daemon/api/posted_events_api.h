// POST /api/v1/events and the types it takes: how other systems tell what happened at theirs.
#pragma once

#include "daemon/api/router.h"
#include "hub/accounts/accounts.h"
#include "hub/log/posted_events.h"

namespace signalbox::api {

void addPostedEventRoutes(Router& router, Store& store, const Accounts& accounts, PostedEvents& events);

}  // namespace signalbox::api
