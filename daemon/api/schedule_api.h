// /api/v1/schedules: what workflows are started by the clock, and when next.
#pragma once

#include "daemon/api/router.h"

namespace signalbox::api {

void addScheduleRoutes(Router& router, Store& store);

}  // namespace signalbox::api
