// Access tokens of one account: one refresh at a time whoever asks, and a rotated refresh token is kept
// before the access token is used. Thread-safe.
#pragma once

#include <mutex>

#include "connectors/email/credential_source.h"
#include "connectors/email/oauth.h"
#include "connectors/sdk/http_client.h"

namespace signalbox::email {

class OAuthSource : public CredentialSource {
public:
    OAuthSource(std::string account, const AccountConfig& config, HttpClient& http, const Clock& clock);

    // Until then only a refresh token of the configuration is used.
    void keepTokensIn(std::shared_ptr<TokenStore> store) {
        std::lock_guard lock(mutex_);
        store_ = std::move(store);
    }

    Result<Credentials> credentials(const std::stop_token& stop) override;
    void refused() override;
    std::string authorizeUrl(const ConsentRequest& request) const;
    Status accept(const std::string& code, const std::string& code_verifier, const std::string& redirect_uri,
                  const std::stop_token& stop);

private:
    Status refresh(const std::stop_token& stop);
    Result<Secret> refreshToken();
    void use(const Tokens& tokens);

    const std::string account_;
    const AccountConfig& config_;
    HttpClient& http_;
    const Clock& clock_;
    std::shared_ptr<TokenStore> store_;  // shared with the daemon, which made it
    std::mutex mutex_;                   // held through a refresh: who asks meanwhile waits for its outcome
    Secret access_token_;
    TimePoint good_until_{};
};

}  // namespace signalbox::email
