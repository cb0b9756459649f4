// /api/v1/calendars: business hours and holidays of the organization.
#pragma once

#include "daemon/api/router.h"
#include "hub/calendars/calendars.h"

namespace signalbox::api {

void addCalendarRoutes(Router& router, Calendars& calendars, const Clock& clock);

}  // namespace signalbox::api
