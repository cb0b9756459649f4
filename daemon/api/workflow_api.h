// /api/v1/workflows: drafts, versions, checking, publishing.
#pragma once

#include "daemon/api/router.h"
#include "workflow/engine/workflow_store.h"

namespace signalbox::api {

void addWorkflowRoutes(Router& router, workflow::WorkflowStore& workflows);

// The part of the above in workflow_life_api.cc.
void addWorkflowLifeRoutes(Router& router, workflow::WorkflowStore& workflows);

// Who changed a workflow, as its history names it.
std::string authorOf(const Caller& caller);
// The version that publishing or going back gave, or 422 with the findings that refuse it.
HttpResponse released(Call& call, const workflow::WorkflowStore& workflows,
                      const Result<workflow::Publication>& published);

}  // namespace signalbox::api
