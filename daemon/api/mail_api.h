// /api/v1/mail: what helps to set up a mailbox, and whom machines do not write to; /api/v1/settings/mail: how
// the daemon's own mails leave.
#pragma once

#include "base/ids.h"
#include "connectors/sdk/http_client.h"
#include "daemon/api/router.h"
#include "hub/accounts/accounts.h"

namespace signalbox::api {

struct MailParts {
    Store& store;
    Ids& ids;
    const Clock& clock;
    const Accounts& accounts;
    HttpClient& http;  // denies private addresses
};
// All of them outlive the router.
void addMailRoutes(Router& router, const MailParts& parts);

}  // namespace signalbox::api
