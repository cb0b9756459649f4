// The account's configuration as typed values, read once.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "connectors/sdk/url.h"
#include "connectors/twilio/public_url.h"

namespace signalbox::twilio {

struct TwilioConfig {
    std::string account_sid;
    Secret auth_token;
    std::vector<Secret> signing_tokens;  // auth_token, and the other one during a rotation
    std::string from;                    // +1…, whatsapp:+1…, MG…, short code, name
    std::string channel;                 // whatsapp or sms: what `from` sends
    PublicUrl public_url;
    std::string status_callback;  // URL, empty: none
    Url base_url;
    std::chrono::seconds request_timeout{};
};

// `config` has passed config.schema.json. Invalid: a value that the schema cannot tell is wrong.
Result<TwilioConfig> readConfig(const Json& config);

// https://api.twilio.com/2010-04-01/Accounts/AC…
std::string accountUrl(const TwilioConfig& config);
// The value of the Authorization header.
std::string basicAuthorization(const TwilioConfig& config);

}  // namespace signalbox::twilio
