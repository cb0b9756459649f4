// /api/v1/messages (reading), /conversations, /people.
#pragma once

#include "daemon/api/router.h"
#include "hub/accounts/accounts.h"
#include "hub/store/store.h"

namespace signalbox::api {

void addInboxRoutes(Router& router, Store& store, const Accounts& accounts);

}  // namespace signalbox::api
