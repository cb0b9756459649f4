#include "connectors/email/oauth.h"

#include "base/json.h"
#include "connectors/sdk/http_client.h"

namespace signalbox::email {
namespace {

HttpRequest tokenRequest(const OAuthConfig& config, FormFields fields) {
    fields.emplace_back("client_id", config.client_id);
    if (!config.client_secret.empty()) fields.emplace_back("client_secret", config.client_secret.reveal());
    HttpRequest request;
    request.method = "POST";
    request.target = config.token_url;
    request.headers = {{"content-type", "application/x-www-form-urlencoded"}, {"accept", "application/json"}};
    request.body = formEncode(fields);
    return request;
}

// RFC 6749, 5.2. Descriptions may quote tokens, so only the code is told.
Error refusal(const std::string& code) {
    const std::string message = "oauth: the provider answers " + code;
    if (code == "invalid_grant" || code == "interaction_required" || code == "consent_required")
        return {ErrorKind::Unauthorized, message + "; sign in again, consent must be given anew", {}, code};
    if (code == "temporarily_unavailable" || code == "server_error")
        return {ErrorKind::Unavailable, message, {}, code};
    if (code == "slow_down") return {ErrorKind::Throttled, message, {}, code};
    return {ErrorKind::Unauthorized, message + "; check client_id, client_secret and scope", {}, code};
}

}  // namespace

std::string authorizeUrl(const OAuthConfig& config, const std::string& address,
                         const ConsentRequest& request) {
    const FormFields fields = {
        {"response_type", "code"},
        {"client_id", config.client_id},
        {"redirect_uri", request.redirect_uri},
        {"scope", config.scope},
        {"state", request.state},
        {"code_challenge", request.code_challenge},
        {"code_challenge_method", "S256"},
        {"login_hint", address},
        // Google and Zoho give a refresh token only when asked, and only with consent anew.
        {"access_type", "offline"},
        {"prompt", "consent"}};
    const bool has_query = config.authorize_url.find('?') != std::string::npos;
    return config.authorize_url + (has_query ? "&" : "?") + formEncode(fields);
}

HttpRequest codeRequest(const OAuthConfig& config, const std::string& code, const std::string& code_verifier,
                        const std::string& redirect_uri) {
    return tokenRequest(config, {{"grant_type", "authorization_code"},
                                 {"code", code},
                                 {"code_verifier", code_verifier},
                                 {"redirect_uri", redirect_uri}});
}

HttpRequest refreshRequest(const OAuthConfig& config, const Secret& refresh_token) {
    return tokenRequest(config, {{"grant_type", "refresh_token"}, {"refresh_token", refresh_token.reveal()}});
}

Result<Tokens> readTokens(const HttpResponse& response) {
    const auto json = parseJson(response.body);
    const Json& body = json ? *json : Json();
    // Some providers report errors with status 200.
    if (const std::string code = textAt(body, "error"); !code.empty()) return refusal(code);
    if (response.status != 200) return errorFromStatus("oauth token", response);
    Tokens tokens;
    tokens.access_token = Secret(textAt(body, "access_token"));
    tokens.refresh_token = Secret(textAt(body, "refresh_token"));
    const std::int64_t lifetime = numberAt(body, "expires_in", 3600);
    tokens.lifetime = std::chrono::seconds(lifetime > 0 ? lifetime : 3600);
    if (tokens.access_token.empty())
        return Error{
            ErrorKind::Unavailable, "oauth: the provider's answer holds no access token", {}, "protocol"};
    return tokens;
}

}  // namespace signalbox::email
