// The requests of OAuth 2 to a provider's endpoints, and what their answers mean. Pure.
#pragma once

#include "base/http_message.h"
#include "connectors/email/config.h"
#include "connectors/sdk/consent.h"

namespace signalbox::email {

struct Tokens {
    Secret access_token, refresh_token;  // refresh_token empty: the old one stays good
    std::chrono::seconds lifetime{3600};
};

std::string authorizeUrl(const OAuthConfig& config, const std::string& address,
                         const ConsentRequest& request);
HttpRequest codeRequest(const OAuthConfig& config, const std::string& code, const std::string& code_verifier,
                        const std::string& redirect_uri);
HttpRequest refreshRequest(const OAuthConfig& config, const Secret& refresh_token);
// Unauthorized: invalid_grant and its like, a person must give consent again. Invalid: our client is wrong.
// Unavailable, Throttled: later.
Result<Tokens> readTokens(const HttpResponse& response);

}  // namespace signalbox::email
