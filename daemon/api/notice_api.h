// /api/v1/notices: what the caller is told in the application. /api/v1/escalations: what workflows tell to
// one after the other, and taking it.
#pragma once

#include "daemon/api/router.h"
#include "hub/notices/escalations.h"

namespace signalbox::api {

void addNoticeRoutes(Router& router, Store& store, Notices& notices, Escalations& escalations);

}  // namespace signalbox::api
