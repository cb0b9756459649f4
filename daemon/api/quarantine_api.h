// /api/v1/quarantine: callbacks that were not understood, and their replay.
#pragma once

#include "daemon/api/router.h"
#include "daemon/app/connector_set.h"
#include "daemon/hooks/hook_door.h"
#include "daemon/hooks/trigger_door.h"
#include "daemon/polls/mail_replay.h"

namespace signalbox::api {

struct QuarantineParts {
    Store& store;
    const Accounts& accounts;
    const ConnectorSet& connectors;
    HookDoor& door;
    TriggerDoor& trigger_door;
    MailReplay mails;
};
void addQuarantineRoutes(Router& router, QuarantineParts parts);

}  // namespace signalbox::api
