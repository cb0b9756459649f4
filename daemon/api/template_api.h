// /templates: prepared texts, their rendering; and how messages use them: {"template_id", "variables"}.
#pragma once

#include "daemon/api/inbox_parts.h"

namespace signalbox::api {

void addTemplateRoutes(Router& router, const InboxParts& parts);

// A message's body with «template_id» (and «variables») replaced by what it says: text, and for mail subject
// and html where the body has none of its own. NotFound; Invalid «variables_missing» names them.
Result<Json> withTemplate(const Call& call, const InboxParts& parts, Id conversation, const Json& body);

}  // namespace signalbox::api
