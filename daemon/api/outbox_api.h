// POST /api/v1/messages and /api/v1/dead-letters: what leaves, and what could not.
#pragma once

#include "daemon/api/router.h"
#include "hub/outbox/outbox.h"

namespace signalbox::api {

void addOutboxRoutes(Router& router, Store& store, const Clock& clock, const Accounts& accounts,
                     Outbox& outbox);

}  // namespace signalbox::api
