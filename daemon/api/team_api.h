// /teams: who belongs together.
#pragma once

#include "daemon/api/inbox_parts.h"

namespace signalbox::api {

void addTeamRoutes(Router& router, const InboxParts& parts);

}  // namespace signalbox::api
