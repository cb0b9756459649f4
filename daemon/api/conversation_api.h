// The life of a conversation: read, assign, status, tags, notes, priority, snooze, star, pin, archive,
// members, its messages, bulk changes, and conversations among users.
#pragma once

#include "daemon/api/inbox_parts.h"

namespace signalbox::api {

// `parts` outlive the router. `on_snoozed` is told when there may be an earlier time to wake something.
void addConversationRoutes(Router& router, const InboxParts& parts, std::function<void()> on_due);

}  // namespace signalbox::api
