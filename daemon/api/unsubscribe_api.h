// /unsubscribe/{token}: where the link in an automatic mail leads (hub/outbox/unsubscribe.h). Mail programs
// POST to it (RFC 8058), people open it and press the button; looking alone changes nothing, since scanners
// open links, too.
#pragma once

#include "base/ids.h"
#include "daemon/api/router.h"
#include "hub/accounts/accounts.h"
#include "hub/log/event_log.h"
#include "hub/mail/mail_token.h"

namespace signalbox::api {

struct UnsubscribeParts {
    Store& store;
    Ids& ids;
    const Clock& clock;
    EventLog& log;
    const Accounts& accounts;
    const MailToken& token;
};
// All of them outlive the router.
void addUnsubscribeRoutes(Router& router, const UnsubscribeParts& parts);

}  // namespace signalbox::api
