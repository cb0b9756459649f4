#include "connectors/email/oauth_source.h"

#include <algorithm>

namespace signalbox::email {
namespace {

using namespace std::chrono_literals;

constexpr auto kMargin = 60s;  // a token that ends while a login is under way is of no use

}  // namespace

OAuthSource::OAuthSource(std::string account, const AccountConfig& config, HttpClient& http,
                         const Clock& clock)
    : account_(std::move(account)), config_(config), http_(http), clock_(clock) {}

Result<Credentials> OAuthSource::credentials(const std::stop_token& stop) {
    std::lock_guard lock(mutex_);
    if (access_token_.empty() || good_until_ <= clock_.now()) {
        if (auto done = refresh(stop); !done) return done.error();
    }
    return Credentials{config_.username, Secret(), access_token_};
}

void OAuthSource::refused() {
    std::lock_guard lock(mutex_);
    good_until_ = {};
}

Result<Secret> OAuthSource::refreshToken() {
    if (store_ != nullptr) {
        auto kept = store_->load();
        if (!kept || !kept->empty()) return kept;
    }
    if (!config_.oauth.refresh_token.empty()) return config_.oauth.refresh_token;
    if (store_ == nullptr)
        return Error{ErrorKind::Unavailable, "oauth: the account is being set up", {}, "starting"};
    return Error{ErrorKind::Unauthorized,
                 "oauth: no consent was given yet; POST /api/v1/oauth/" + account_ +
                     "/start gives the address of the page",
                 {},
                 "consent_missing"};
}

Status OAuthSource::refresh(const std::stop_token& stop) {
    const auto refresh_token = refreshToken();
    if (!refresh_token) return refresh_token.error();
    const auto response = http_.send(refreshRequest(config_.oauth, *refresh_token), HttpOptions{}, stop);
    // Asking twice for a token changes nothing.
    if (!response && response.error().kind == ErrorKind::Uncertain)
        return Error{ErrorKind::Unavailable, response.error().message, {}, "oauth"};
    if (!response) return withContext("oauth", response.error());
    const auto tokens = readTokens(*response);
    if (!tokens && tokens.error().message.find("sign in again") != std::string::npos) {
        Error refused = tokens.error();
        refused.message += " (POST /api/v1/oauth/" + account_ + "/start gives the address of the page)";
        return refused;
    }
    if (!tokens) return tokens.error();
    if (!tokens->refresh_token.empty() && store_ != nullptr) {
        if (auto saved = store_->save(tokens->refresh_token); !saved) return saved;
    }
    use(*tokens);
    return Done{};
}

void OAuthSource::use(const Tokens& tokens) {
    access_token_ = tokens.access_token;
    good_until_ = clock_.now() + std::max<std::chrono::seconds>(tokens.lifetime - kMargin, 1s);
}

std::string OAuthSource::authorizeUrl(const ConsentRequest& request) const {
    return email::authorizeUrl(config_.oauth, config_.address, request);
}

Status OAuthSource::accept(const std::string& code, const std::string& code_verifier,
                           const std::string& redirect_uri, const std::stop_token& stop) {
    const auto response =
        http_.send(codeRequest(config_.oauth, code, code_verifier, redirect_uri), HttpOptions{}, stop);
    if (!response) return withContext("oauth", response.error());
    const auto tokens = readTokens(*response);
    if (!tokens) return tokens.error();
    // Without one the account would be lost within the hour.
    if (tokens->refresh_token.empty())
        return Error{ErrorKind::Invalid,
                     "oauth: the provider gave no refresh token; ask for offline access, or revoke the "
                     "earlier consent",
                     {},
                     "refresh_token_missing"};
    if (store_ == nullptr)
        return Error{ErrorKind::Unavailable, "oauth: there is nowhere to keep the tokens", {}, "no_store"};
    if (auto saved = store_->save(tokens->refresh_token); !saved) return saved;
    std::lock_guard lock(mutex_);
    use(*tokens);
    return Done{};
}

}  // namespace signalbox::email
