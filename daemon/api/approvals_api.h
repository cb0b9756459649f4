// What workflows ask people to decide: /api/v1/approvals for agents, /approvals/{token} for whoever has the
// link.
#pragma once

#include "daemon/api/router.h"
#include "workflow/engine/approvals.h"

namespace signalbox::api {

void addApprovalRoutes(Router& router, workflow::Approvals& approvals);

}  // namespace signalbox::api
