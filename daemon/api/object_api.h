// /objects/{kind}/{id}: what is linked to a thing of another system, and its timeline; the merges of
// conversations.
#pragma once

#include "daemon/api/inbox_parts.h"
#include "hub/inbox/merging.h"

namespace signalbox::api {

void addObjectRoutes(Router& router, const InboxParts& parts);
void addMergeRoutes(Router& router, const InboxParts& parts, Merging& merging);

}  // namespace signalbox::api
