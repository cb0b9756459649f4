// OAuth 2 consent of a person at a provider (RFC 6749, 4.1 with PKCE, RFC 7636), and where the tokens it
// gives are kept. The daemon serves the two pages of the flow; the connector knows the provider.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace signalbox {

struct ConsentRequest {
    std::string redirect_uri, state, code_challenge;  // S256
};

// What an account must remember by itself, sealed. Implemented by the daemon; any thread.
class TokenStore {
public:
    virtual ~TokenStore() = default;
    // Empty: nothing is kept for this account.
    virtual Result<Secret> load() = 0;
    virtual Status save(const Secret& refresh_token) = 0;
};

// A second face of a Connector: the daemon asks each one for it by a cast, few have it.
class Consent {
public:
    virtual ~Consent() = default;
    // False: this account is not configured for it, and nothing else here may be called.
    virtual bool isConfigured() const = 0;
    // Once, before anything else is called.
    virtual void keepTokensIn(std::shared_ptr<TokenStore> store) = 0;
    // Where the person's browser is sent.
    virtual std::string authorizeUrl(const ConsentRequest& request) const = 0;
    // The provider sent the person back with a code: it becomes tokens, which are kept. Invalid when the
    // provider gives no refresh token, Rejected when it refuses the code. Any thread.
    virtual Status accept(const std::string& code, const std::string& code_verifier,
                          const std::string& redirect_uri, const std::stop_token& stop) = 0;
};

}  // namespace signalbox
