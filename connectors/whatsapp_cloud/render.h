// A message of ours → the request that sends it. Pure.
#pragma once

#include "base/clock.h"
#include "base/http_message.h"
#include "connectors/whatsapp_cloud/config.h"
#include "hub/model/outbound.h"

namespace signalbox::whatsapp_cloud {

// Invalid: a part that the type needs is missing or over WhatsApp's limits. Rejected with code 131047: no
// template, and the other side last wrote more than 24 hours ago (less a minute for clocks and the way).
Result<HttpRequest> render(const OutboundMessage& message, const WhatsappConfig& config, TimePoint now);

// The `type`'s own part of the body: {"text": {…}}, {"template": {…}} …
Result<Json> renderContent(const OutboundMessage& message);

}  // namespace signalbox::whatsapp_cloud
