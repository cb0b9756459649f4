// Consent of OAuth 2: POST /api/v1/oauth/{account}/start gives the provider's page, GET
// /api/v1/oauth/callback is where it sends the person back. What was started is remembered for ten minutes,
// by this daemon only.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "daemon/api/router.h"
#include "daemon/app/connector_set.h"
#include "daemon/polls/polls.h"
#include "hub/outbox/outbox.h"

namespace signalbox::api {

struct OAuthParts {
    const Clock& clock;
    Store& store;
    const Accounts& accounts;
    const ConnectorSet& connectors;
    Outbox& outbox;
    Polls& polls;
    std::string public_url;  // empty: not known, then there is no consent
};

// The routes keep `parts`' references.
void addOAuthRoutes(Router& router, const OAuthParts& parts);

}  // namespace signalbox::api
