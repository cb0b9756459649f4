// A verified callback → envelopes. Pure: same request, same envelopes.
#pragma once

#include "base/http_message.h"
#include "connectors/sdk/connector.h"
#include "connectors/twilio/signature.h"

namespace signalbox::twilio {

// `default_channel` is for callbacks that name no address (a bare delivery status).
Received normalize(const Callback& callback, const HttpRequest& request, const std::string& default_channel);

}  // namespace signalbox::twilio
