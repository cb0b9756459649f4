// /api/v1/workflows: drafts, versions, checking, publishing.
#pragma once

#include "daemon/api/router.h"
#include "workflow/engine/workflow_store.h"

namespace signalbox::api {

void addWorkflowRoutes(Router& router, workflow::WorkflowStore& workflows);

}  // namespace signalbox::api
