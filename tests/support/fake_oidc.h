// An OpenID provider on loopback: discovery, keys (RS256, ES256), codes bound to a PKCE challenge and a
// nonce, client_secret_basic or _post. Whoever «logs in» gets the code that a browser would bring back.
// Thread-safe.
#pragma once

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <map>
#include <mutex>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "tests/support/http_server.h"

namespace signalbox::testing {

// A key of a provider: «RS256» or «ES256».
class OidcKey {
public:
    explicit OidcKey(std::string algorithm)
        : algorithm_(std::move(algorithm)), key_(isEc() ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048)) {}
    ~OidcKey() { EVP_PKEY_free(key_); }
    OidcKey(const OidcKey&) = delete;
    OidcKey& operator=(const OidcKey&) = delete;

    Json jwk() const {
        if (!isEc())
            return {{"kty", "RSA"},
                    {"kid", algorithm_},
                    {"use", "sig"},
                    {"n", number(OSSL_PKEY_PARAM_RSA_N)},
                    {"e", number(OSSL_PKEY_PARAM_RSA_E)}};
        return {{"kty", "EC"},
                {"crv", "P-256"},
                {"kid", algorithm_},
                {"use", "sig"},
                {"x", number(OSSL_PKEY_PARAM_EC_PUB_X, 32)},
                {"y", number(OSSL_PKEY_PARAM_EC_PUB_Y, 32)}};
    }

    std::string token(const Json& claims) const {
        const std::string text = toBase64Url(dumpJson(Json{{"alg", algorithm_}, {"kid", algorithm_}})) + '.' +
                                 toBase64Url(dumpJson(claims));
        return text + '.' + toBase64Url(sign(text));
    }

private:
    bool isEc() const { return algorithm_ == "ES256"; }

    std::string number(const char* name, int size = 0) const {
        BIGNUM* value = nullptr;
        EVP_PKEY_get_bn_param(key_, name, &value);
        std::string bytes(static_cast<std::size_t>(size == 0 ? BN_num_bytes(value) : size), '\0');
        BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
        BN_free(value);
        return toBase64Url(bytes);
    }

    std::string sign(const std::string& text) const {
        EVP_MD_CTX* const context = EVP_MD_CTX_new();
        std::size_t length = 0;
        const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
        EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_);
        EVP_DigestSign(context, nullptr, &length, bytes, text.size());
        std::string signature(length, '\0');
        EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &length, bytes,
                       text.size());
        EVP_MD_CTX_free(context);
        signature.resize(length);
        return isEc() ? rawOf(signature) : signature;
    }

    // From DER to r and s of 32 bytes each (RFC 7518, 3.4).
    static std::string rawOf(const std::string& der) {
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* const signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
        std::string raw(64, '\0');
        auto* const out = reinterpret_cast<unsigned char*>(raw.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32);
        ECDSA_SIG_free(signature);
        return raw;
    }

    const std::string algorithm_;
    EVP_PKEY* const key_;
};

class FakeOidc {
public:
    static constexpr const char* kClient = "signalbox";
    static constexpr const char* kSecret = "client-secret";

    explicit FakeOidc(std::string algorithm = "ES256")
        : key_(std::move(algorithm)),
          server_([this](HttpRequest&& request, const http::Responder& responder) {
              responder.reply(answer(request));
          }) {}

    std::string issuer() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

    // Somebody logs in at `url`, where the daemon sent the browser; the code that comes back. `changed`:
    // claims that are other than they should be.
    std::string logIn(const std::string& url, const std::string& email,
                      const Json& changed = Json::object()) {
        const FormFields asked = parseForm(url.substr(url.find('?') + 1));
        const auto value = [&](const char* name) { return std::string(findField(asked, name).value_or("")); };
        const std::int64_t now = toMicros(clock_.now()) / 1'000'000;
        Json claims = {{"iss", issuer()},  {"aud", kClient},         {"sub", "subject of " + email},
                       {"email", email},   {"email_verified", true}, {"iat", now},
                       {"exp", now + 300}, {"nonce", value("nonce")}};
        claims.update(changed);
        std::lock_guard lock(mutex_);
        const std::string code = "code-" + std::to_string(codes_.size());
        codes_[code] = {claims, value("code_challenge"), value("redirect_uri")};
        return code;
    }

private:
    struct Code {
        Json claims;
        std::string challenge, redirect;
    };

    HttpResponse answer(const HttpRequest& request) {
        if (request.path() == "/.well-known/openid-configuration")
            return jsonResponse(200, dumpJson({{"issuer", issuer()},
                                               {"authorization_endpoint", issuer() + "/authorize"},
                                               {"token_endpoint", issuer() + "/token"},
                                               {"jwks_uri", issuer() + "/keys"}}));
        if (request.path() == "/keys")
            return jsonResponse(200, dumpJson({{"keys", Json::array({key_.jwk()})}}));
        if (request.path() == "/token" && request.method == "POST") return exchange(request);
        return jsonResponse(404, "{}");
    }

    HttpResponse exchange(const HttpRequest& request) {
        const FormFields form = parseForm(request.body);
        const auto value = [&](const char* name) { return std::string(findField(form, name).value_or("")); };
        const std::string basic = "Basic " + toBase64(std::string(kClient) + ':' + kSecret);
        const bool is_client = request.headers.get("authorization") == basic ||
                               (value("client_id") == kClient && value("client_secret") == kSecret);
        std::lock_guard lock(mutex_);
        const auto found = codes_.find(value("code"));
        const bool is_good =
            is_client && value("grant_type") == "authorization_code" && found != codes_.end() &&
            found->second.redirect == value("redirect_uri") &&
            found->second.challenge == toBase64Url(hash(HashAlgorithm::Sha256, value("code_verifier")));
        if (!is_good) return jsonResponse(400, R"({"error":"invalid_grant"})");
        const Json claims = found->second.claims;
        found->second.challenge = "used";
        return jsonResponse(
            200,
            dumpJson({{"access_token", "a"}, {"token_type", "Bearer"}, {"id_token", key_.token(claims)}}));
    }

    const OidcKey key_;
    SystemClock clock_;
    std::mutex mutex_;
    std::map<std::string, Code> codes_;
    HttpServer server_;  // last: it is the first to go
};

}  // namespace signalbox::testing
