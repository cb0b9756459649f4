// A verified request → one event. Pure: same request, same event.
#pragma once

#include "base/http_message.h"
#include "connectors/sdk/connector.h"
#include "connectors/webhook/verify.h"

namespace signalbox::webhook {

// A body that its declared type does not describe is quarantined: the request was genuine, so it is kept and
// acknowledged.
Received normalize(const HttpRequest& request, const Proof& proof, const WebhookConfig& config);

// The value at a dotted path ("data.items.0.id"), as text when it is text, a number or a flag; else empty.
std::string textAtPath(const Json& value, std::string_view path);

}  // namespace signalbox::webhook
