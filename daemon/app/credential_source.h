// Puts the organization's credentials into requests: what connectors ask by name (connectors/sdk). Tokens of
// OAuth 2 client credentials (RFC 6749, 4.4) are got when they are needed and kept until they run out, in
// memory only. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "connectors/sdk/credential_source.h"
#include "connectors/sdk/http_client.h"
#include "hub/credentials/credentials.h"
#include "hub/webhooks/webhooks.h"

namespace signalbox {

// One for all organizations: the tokens of all.
class CredentialTokens {
public:
    // All outlive the object; `http` reaches what the egress rules allow. `webhooks` are the subscriptions
    // that requests name where others name a credential (hub/model/webhook_target.h); null: there are none.
    CredentialTokens(const CredentialStore& credentials, HttpClient& http, const Clock& clock,
                     const Webhooks* webhooks = nullptr)
        : credentials_(credentials), http_(http), clock_(clock), webhooks_(webhooks) {}

    const CredentialStore& credentials() const { return credentials_; }
    const Webhooks* webhooks() const { return webhooks_; }
    // Of a credential of type oauth2. Two that ask at once may both ask the server.
    Result<Secret> tokenFor(const Credential& credential, const std::stop_token& stop);
    // True: there was one.
    bool forget(Id org, const std::string& name);
    // What a connector of this organization gets.
    std::shared_ptr<CredentialSource> of(Id org);

private:
    struct Token {
        std::int64_t revision = 0;  // of the credential
        Secret text;
        TimePoint until{};
    };
    Result<Token> fetch(const Credential& credential, const std::stop_token& stop) const;

    const CredentialStore& credentials_;
    HttpClient& http_;
    const Clock& clock_;
    const Webhooks* const webhooks_;
    std::mutex mutex_;
    std::map<std::pair<Id, std::string>, Token> tokens_;
};

}  // namespace signalbox
