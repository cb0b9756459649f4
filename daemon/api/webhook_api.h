// /api/v1/webhook-subscriptions: where an organization wants its events posted, what was delivered and tried.
#pragma once

#include "connectors/sdk/http_client.h"
#include "daemon/api/router.h"
#include "hub/outbox/outbox.h"
#include "hub/webhooks/webhooks.h"

namespace signalbox::api {

struct WebhookParts {
    Store& store;
    Ids& ids;
    const Clock& clock;
    const Accounts& accounts;
    Outbox& outbox;
    Webhooks& webhooks;
    AddressPolicy egress;  // what deliveries may reach
};
void addWebhookRoutes(Router& router, WebhookParts parts);

}  // namespace signalbox::api
