#include "daemon/api/schedule_api.h"

#include "workflow/schedule/scheduler.h"

namespace signalbox::api {

void addScheduleRoutes(Router& router, Store& store) {
    router.add({"GET", "/api/v1/schedules", "workflows:read",
                [&](Call& call) { return ok(workflow::listSchedules(store, call.caller.org)); }});
}

}  // namespace signalbox::api
