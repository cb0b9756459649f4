#include "daemon/auth/oidc.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/jwk.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeToSignIn = 10min;
constexpr auto kKeysAgain = 1min;  // an unknown key is looked for at most this often
constexpr auto kSkew = 60s;
constexpr std::size_t kMaxPending = 1'000;

Error refused(const std::string& what) {
    return {ErrorKind::Unauthorized, "oidc: " + what, {}, "oidc_refused"};
}

std::string challengeOf(const std::string& verifier) {
    return toBase64Url(hash(HashAlgorithm::Sha256, verifier));
}

bool isMeantFor(const Json& audience, const std::string& client) {
    if (audience.is_string()) return audience == client;
    if (!audience.is_array()) return false;
    return std::any_of(audience.begin(), audience.end(), [&](const Json& one) { return one == client; });
}

bool isAt(const std::string& url, const std::string& issuer) {
    return url.starts_with("https://") || (issuer.starts_with("http://") && url.starts_with("http://"));
}

}  // namespace

Result<Json> Oidc::fetch(const HttpRequest& request, const char* what) {
    const auto response = http_.send(request, {}, {});
    if (!response) return withContext(std::string("oidc ") + what, response.error());
    if (response->status != 200) return errorFromStatus(std::string("oidc ") + what, *response);
    auto json = parseJson(response->body);
    if (!json || !json->is_object())
        return Error{ErrorKind::Unavailable, std::string("oidc ") + what + ": the answer is no JSON object"};
    return json;
}

Result<Oidc::Provider> Oidc::provider() {
    {
        std::lock_guard lock(mutex_);
        if (provider_) return *provider_;
    }
    std::string base = options_.issuer;
    while (base.ends_with('/')) base.pop_back();
    const auto found = fetch({"GET", base + "/.well-known/openid-configuration", {}, "", ""}, "discovery");
    if (!found) return found.error();
    if (textAt(*found, "issuer") != options_.issuer)
        return refused("the provider calls itself otherwise than the configuration (issuer)");
    const Provider provider{textAt(*found, "authorization_endpoint"), textAt(*found, "token_endpoint"),
                            textAt(*found, "jwks_uri")};
    for (const std::string& url :
         {provider.authorization_endpoint, provider.token_endpoint, provider.jwks_uri})
        if (!isAt(url, options_.issuer)) return refused("the provider's description lacks an https endpoint");
    std::lock_guard lock(mutex_);
    provider_ = provider;
    return provider;
}

Result<Oidc::Begun> Oidc::begin() {
    const auto at = provider();
    if (!at) return at.error();
    const std::string state = toBase64Url(randomBytes(32));
    Pending pending{toBase64Url(randomBytes(32)), toBase64Url(randomBytes(48)), clock_.now() + kTimeToSignIn};
    const FormFields query = {{"response_type", "code"},
                              {"client_id", options_.client_id},
                              {"redirect_uri", options_.redirect_url},
                              {"scope", "openid email profile"},
                              {"state", state},
                              {"nonce", pending.nonce},
                              {"code_challenge", challengeOf(pending.verifier)},
                              {"code_challenge_method", "S256"}};
    const char* mark = at->authorization_endpoint.find('?') == std::string::npos ? "?" : "&";
    std::lock_guard lock(mutex_);
    std::erase_if(pending_, [&](const auto& entry) { return entry.second.until <= clock_.now(); });
    if (pending_.size() >= kMaxPending)
        return Error{ErrorKind::Throttled, "oidc: too many sign-ins are under way", 60s, "throttled"};
    pending_.emplace(state, std::move(pending));
    return Begun{at->authorization_endpoint + mark + formEncode(query), state};
}

Result<OidcIdentity> Oidc::finish(const std::string& state, const std::string& code) {
    Pending pending;
    {
        std::lock_guard lock(mutex_);
        const auto it = pending_.find(state);
        if (it == pending_.end() || it->second.until <= clock_.now())
            return refused("this sign-in was not begun here, was finished or took too long");
        pending = std::move(it->second);
        pending_.erase(it);  // once
    }
    const auto at = provider();
    if (!at) return at.error();
    FormFields form = {{"grant_type", "authorization_code"},
                       {"code", code},
                       {"redirect_uri", options_.redirect_url},
                       {"client_id", options_.client_id},
                       {"code_verifier", pending.verifier}};
    if (!options_.client_secret.empty()) form.emplace_back("client_secret", options_.client_secret.reveal());
    const HttpRequest request{
        "POST",
        at->token_endpoint,
        {{"content-type", "application/x-www-form-urlencoded"}, {"accept", "application/json"}},
        formEncode(form),
        ""};
    const auto answer = fetch(request, "token");
    if (!answer && answer.error().kind == ErrorKind::Rejected)
        return refused("the provider does not take the code of this sign-in");
    if (!answer) return answer.error();
    const auto claims = claimsOf(textAt(*answer, "id_token"), at->jwks_uri);
    if (!claims) return claims.error();
    if (auto checked = checkClaims(*claims, pending.nonce); !checked) return checked.error();
    return OidcIdentity{textAt(*claims, "sub"), textAt(*claims, "email"), textAt(*claims, "name"),
                        flagAt(*claims, "email_verified")};
}

Result<Json> Oidc::claimsOf(const std::string& token, const std::string& jwks_uri) {
    const auto first = token.find('.');
    const auto second = first == std::string::npos ? first : token.find('.', first + 1);
    if (second == std::string::npos || token.find('.', second + 1) != std::string::npos)
        return refused("the provider gave no signed id_token");
    const auto header = parseJson(fromBase64(token.substr(0, first)).value_or(""));
    const auto claims = parseJson(fromBase64(token.substr(first + 1, second - first - 1)).value_or(""));
    const auto signature = fromBase64(token.substr(second + 1));
    if (!header || !claims || !signature || !claims->is_object())
        return refused("the id_token cannot be read");
    const std::string alg = textAt(*header, "alg");
    if (alg != "RS256" && alg != "ES256")
        return refused("the id_token is signed otherwise than RS256 or ES256");
    const auto key = keyFor(textAt(*header, "kid"), jwks_uri);
    if (!key) return key.error();
    if (!verifyJwkSignature(*key, alg, std::string_view(token).substr(0, second), *signature))
        return refused("the id_token's signature is wrong");
    return *claims;
}

Result<Json> Oidc::keyFor(const std::string& kid, const std::string& jwks_uri) {
    const auto known = [&]() -> std::optional<Json> {
        for (const Json& key : keys_) {
            if (textAt(key, "kid") == kid && textAt(key, "use", "sig") == "sig") return key;
        }
        return std::nullopt;
    };
    {
        std::lock_guard lock(mutex_);
        if (const auto key = known()) return *key;
        if (clock_.now() - keys_read_at_ < kKeysAgain)
            return refused("the id_token is signed with an unknown key");
        keys_read_at_ = clock_.now();
    }
    const auto set = fetch({"GET", jwks_uri, {}, "", ""}, "keys");
    if (!set) return set.error();
    std::lock_guard lock(mutex_);
    keys_ = memberAt(*set, "keys").is_array() ? memberAt(*set, "keys") : Json::array();
    if (const auto key = known()) return *key;
    return refused("the id_token is signed with an unknown key");
}

Status Oidc::checkClaims(const Json& claims, const std::string& nonce) const {
    const std::int64_t now = toMicros(clock_.now()) / 1'000'000, skew = std::chrono::seconds(kSkew).count();
    const Json& audience = memberAt(claims, "aud");
    if (textAt(claims, "iss") != options_.issuer) return refused("the id_token is of another issuer");
    if (!isMeantFor(audience, options_.client_id)) return refused("the id_token is for another client");
    const bool has_others = audience.is_array() && audience.size() > 1;
    if ((has_others || claims.contains("azp")) && textAt(claims, "azp") != options_.client_id)
        return refused("the id_token was made for another client");
    if (numberAt(claims, "exp") + skew <= now) return refused("the id_token is over");
    if (numberAt(claims, "iat") - skew > now) return refused("the id_token is of the future");
    if (!equalInConstantTime(textAt(claims, "nonce"), nonce))
        return refused("the id_token answers another sign-in");
    if (textAt(claims, "sub").empty()) return refused("the id_token names nobody");
    return Done{};
}

}  // namespace signalbox
