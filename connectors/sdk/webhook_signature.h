// The signature of Standard Webhooks (https://www.standardwebhooks.com, symmetric scheme v1) on what leaves.
// Pure. (connectors/webhook verifies what comes in.)
#pragma once

#include <span>
#include <string>

#include "base/clock.h"
#include "base/http_message.h"
#include "base/secret.h"

namespace signalbox {

// Sets webhook-id, webhook-timestamp and webhook-signature; with several keys several signatures, so that a
// receiver that knows one of them is content.
void signWebhook(HttpRequest& request, const std::string& id, TimePoint now, std::span<const Secret> keys);

}  // namespace signalbox
