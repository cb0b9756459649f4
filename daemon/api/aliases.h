// Paths that older plans of the product name, answered by the routes of /api/v1 under the same rights.
#pragma once

#include "daemon/api/inbox_parts.h"

namespace signalbox::api {

// After all other routes: it looks them up. Throws when one that it needs is missing.
void addAliases(Router& router, const InboxParts& parts);

}  // namespace signalbox::api
