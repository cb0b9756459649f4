// Changes of people: names and fields, identities, merging two into one and taking that back.
#pragma once

#include "daemon/api/inbox_parts.h"
#include "hub/people/profiles.h"

namespace signalbox::api {

void addProfileRoutes(Router& router, const InboxParts& parts, Profiles& profiles);

}  // namespace signalbox::api
