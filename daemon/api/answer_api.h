// /automatic-answers: what is answered by itself; /settings/inbox: how the organization has its inbox.
#pragma once

#include "daemon/api/inbox_parts.h"
#include "hub/answers/automatic.h"

namespace signalbox::api {

void addAnswerRoutes(Router& router, const InboxParts& parts, AutomaticAnswers& answers);

}  // namespace signalbox::api
