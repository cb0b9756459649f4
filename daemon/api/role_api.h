// /api/v1/roles and /api/v1/grants: what roles may do, and single things that someone may see beyond that.
#pragma once

#include "daemon/api/router.h"

namespace signalbox::api {

void addRoleRoutes(Router& router, Roles& roles);
void addGrantRoutes(Router& router, Store& store, const Roles& roles, const Clock& clock);

}  // namespace signalbox::api
