// An authorization server of OAuth 2 on the loopback (RFC 6749, 7636): a consent page that says yes at once,
// codes with PKCE, refresh tokens that rotate, and a page where a mail server asks whose a token is. It
// checks whatever a careful provider checks; what was wrong is in complaints(). Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace signalbox {

class OAuthServer {
public:
    static constexpr const char* kClientId = "client-of-the-test";
    static constexpr const char* kClientSecret = "secret-of-the-client";
    static constexpr const char* kScope = "mail.read mail.send";

    // Who gives consent; redirect_uri must be this one.
    OAuthServer(std::string user, std::string redirect_uri);
    ~OAuthServer();
    OAuthServer(const OAuthServer&) = delete;

    std::string authorizeUrl() const;
    std::string tokenUrl() const;
    std::string tokenInfoUrl() const;  // a token is added
    // Opens the page of authorizeUrl with this query as a browser does; where it sends the browser, or "".
    std::string consent(const std::string& url);

    // All access tokens end now, as if their hour were over.
    void endAccessTokens();
    // The person takes the consent back.
    void revoke();
    int refreshes() const;
    int tokenInfos() const;
    std::vector<std::string> complaints() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace signalbox
