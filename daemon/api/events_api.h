// /api/v1/events: the log, read page by page.
#pragma once

#include "daemon/api/router.h"
#include "hub/accounts/accounts.h"
#include "hub/log/event_log.h"

namespace signalbox::api {

void addEventRoutes(Router& router, Store& store, const EventLog& log, const Accounts& accounts);

}  // namespace signalbox::api
