// /api/v1/mail: what helps to set up a mailbox.
#pragma once

#include "connectors/sdk/http_client.h"
#include "daemon/api/router.h"

namespace signalbox::api {

// `http` denies private addresses; it outlives the router.
void addMailRoutes(Router& router, HttpClient& http);

}  // namespace signalbox::api
