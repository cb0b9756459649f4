// /api/v1/runs, POST /api/v1/workflows/{name}/run, and /api/v1/node-types.
#pragma once

#include "daemon/api/router.h"
#include "workflow/engine/engine.h"

namespace signalbox::api {

void addRunRoutes(Router& router, Store& store, workflow::Engine& engine);

}  // namespace signalbox::api
