// /templates: prepared texts, their rendering; and how messages use them: {"template_id", "variables"}.
#pragma once

#include "daemon/api/inbox_parts.h"

namespace signalbox::api {

void addTemplateRoutes(Router& router, const InboxParts& parts);

// A message's body with «template_id» (and «variables») replaced by what it says: text, and for mail subject
// and html where the body has none of its own. `conversation`: 0 for a message to somebody new, of whom only
// the variables tell; `channel`: of the account then. NotFound; Invalid «variables_missing» names them.
Result<Json> withTemplate(const Call& call, Store& store, const Clock& clock, Id conversation,
                          std::string channel, const Json& body);

}  // namespace signalbox::api
