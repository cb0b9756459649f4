// What operators look at: /healthz, /readyz, /metrics (outside of /api/v1, no token), /api/v1/status,
// /accounts, /openapi.yaml.
#pragma once

#include <functional>

#include "daemon/api/metrics_text.h"
#include "daemon/api/router.h"
#include "daemon/app/connector_set.h"
#include "daemon/polls/polls.h"
#include "hub/outbox/outbox.h"

namespace signalbox::api {

// One figure of the daemon at this moment; the composition root knows where each comes from.
struct SystemParts {
    const Clock& clock;
    TimePoint started_at;
    Store& store;
    const Accounts& accounts;
    const ConnectorSet& connectors;
    Outbox& outbox;
    Polls& polls;
    std::function<std::vector<Figure>()> figures;
    std::function<Json()> status;                       // queues, counts, consumers: merged into /status
    std::function<std::vector<std::string>()> reasons;  // why we are not ready; empty: ready
};

// The routes keep `parts`' references.
// The connected account of the path {name} is one that the caller connected for himself.
bool isOwn(const Call& call, const Accounts& accounts);

void addSystemRoutes(Router& router, const SystemParts& parts);

HttpResponse health();
HttpResponse readiness(const std::vector<std::string>& reasons);
HttpResponse metrics(const std::vector<Figure>& figures);

}  // namespace signalbox::api
