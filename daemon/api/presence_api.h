// GET /presence, GET and POST /conversations/{id}/typing: for those without a WebSocket, who says it there.
#pragma once

#include "daemon/api/inbox_parts.h"
#include "daemon/realtime/presence.h"

namespace signalbox::api {

void addPresenceRoutes(Router& router, const InboxParts& parts, Presence& presence);

}  // namespace signalbox::api
