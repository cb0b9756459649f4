// Sign-in at an OpenID provider: authorization code with PKCE (S256), discovery, keys by JWKS, RS256 or
// ES256. The issuer is the configured one and no other. What was begun is held in memory for ten minutes.
// Thread-safe; blocks for the provider's answers.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "connectors/sdk/http_client.h"

namespace signalbox {

struct OidcOptions {
    std::string issuer, client_id, redirect_url, organization;
    Secret client_secret;  // empty: a public client, PKCE alone
    bool isOn() const { return !issuer.empty(); }
};

// Whom the provider says it is.
struct OidcIdentity {
    std::string subject, email, name;
    bool is_email_verified = false;
};

class Oidc {
public:
    Oidc(OidcOptions options, HttpClient& http, const Clock& clock)
        : options_(std::move(options)), http_(http), clock_(clock) {}

    const OidcOptions& options() const { return options_; }

    struct Begun {
        std::string url;    // where the browser goes
        std::string state;  // what it must bring back, and keep in a cookie
    };
    Result<Begun> begin();
    // Unauthorized: the state, the answer or the token is not what was asked for.
    Result<OidcIdentity> finish(const std::string& state, const std::string& code);

private:
    struct Pending {
        std::string nonce, verifier;
        TimePoint until{};
    };
    struct Provider {
        std::string authorization_endpoint, token_endpoint, jwks_uri;
    };
    Result<Json> fetch(const HttpRequest& request, const char* what);
    Result<Provider> provider();
    Result<Json> keyFor(const std::string& kid, const std::string& jwks_uri);
    Result<Json> claimsOf(const std::string& token, const std::string& jwks_uri);
    Status checkClaims(const Json& claims, const std::string& nonce) const;

    const OidcOptions options_;
    HttpClient& http_;
    const Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Pending> pending_;
    std::optional<Provider> provider_;
    Json keys_ = Json::array();
    TimePoint keys_read_at_{};
};

}  // namespace signalbox
