// X-Twilio-Signature: did this request come from Twilio? Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/http_message.h"
#include "base/result.h"
#include "connectors/twilio/config.h"

namespace signalbox::twilio {

// What Twilio sends, taken apart once: the form of a POST, else the query.
struct Callback {
    FormFields fields;
    FormFields query;
    bool is_form = false;  // false: a GET, or a body that is no form
};
// Invalid when there are more fields than Twilio ever sends.
Result<Callback> readCallback(const HttpRequest& request);

// base64(HMAC-SHA1(token, url + each key and value in order)), as Twilio computes it.
std::string signatureOf(std::string_view token, std::string_view url, const FormFields& form);

// The URLs that Twilio may have signed for this request. A proxy may have changed host, port or path, so they
// are made from `public_url`: as the whole URL, and as a base in front of the path; each with and without
// port.
std::vector<std::string> signedUrls(const PublicUrl& public_url, const HttpRequest& request);

// Done when the signature is right for one of the tokens; Unauthorized else. All parameters that came are
// part of it. A body that is no form counts only with its hash in the URL (bodySHA256).
Status verify(const TwilioConfig& config, const HttpRequest& request, const Callback& callback);

}  // namespace signalbox::twilio
