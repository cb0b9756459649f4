// How providers sign their callbacks, so that test data holds bodies and no signatures.
#pragma once

#include <string>

#include "base/http_message.h"
#include "base/json.h"

namespace signalbox {

// Adds what `scheme` ("meta", "twilio", "none" …) asks for, with the secrets of the account's `config`.
// Throws std::invalid_argument for a scheme nobody has written here yet.
void signWebhook(const std::string& scheme, HttpRequest& request, const Json& config);

}  // namespace signalbox
