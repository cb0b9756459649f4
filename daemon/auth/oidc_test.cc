#include "daemon/auth/oidc.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <boost/test/unit_test.hpp>
#include <functional>

#include "base/crypto.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_http.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

// An identity provider's RSA key.
class ProviderKey {
public:
    ProviderKey() : key_(EVP_RSA_gen(2048)) {}
    ~ProviderKey() { EVP_PKEY_free(key_); }
    ProviderKey(const ProviderKey&) = delete;
    ProviderKey& operator=(const ProviderKey&) = delete;

    Json jwk() const {
        return {{"kty", "RSA"},
                {"kid", "k1"},
                {"use", "sig"},
                {"n", number(OSSL_PKEY_PARAM_RSA_N)},
                {"e", number(OSSL_PKEY_PARAM_RSA_E)}};
    }
    std::string sign(const std::string& data) const {
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        std::size_t length = 0;
        EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_);
        const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
        EVP_DigestSign(context, nullptr, &length, bytes, data.size());
        std::string signature(length, '\0');
        EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &length, bytes,
                       data.size());
        EVP_MD_CTX_free(context);
        signature.resize(length);
        return signature;
    }

private:
    std::string number(const char* name) const {
        BIGNUM* value = nullptr;
        EVP_PKEY_get_bn_param(key_, name, &value);
        std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
        BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
        BN_free(value);
        return toBase64Url(bytes);
    }
    EVP_PKEY* key_;
};

const std::string kIssuer = "https://login.example";

struct Fixture {
    Fixture() {
        http.willAnswer(reply(200, dumpJson(Json{{"issuer", kIssuer},
                                                 {"authorization_endpoint", kIssuer + "/authorize"},
                                                 {"token_endpoint", kIssuer + "/token"},
                                                 {"jwks_uri", kIssuer + "/keys"}})));
        clock.advance(24h * 365);
    }

    std::string valueOf(const std::string& url, const std::string& name) {
        const auto query = parseForm(url.substr(url.find('?') + 1));
        return std::string(findField(query, name).value_or(""));
    }
    Json claims(const std::string& nonce) {
        const std::int64_t now = toMicros(clock.now()) / 1'000'000;
        return {
            {"iss", kIssuer},         {"aud", "signalbox"}, {"sub", "s-17"}, {"email", "ada@house.example"},
            {"email_verified", true}, {"exp", now + 300},   {"iat", now},    {"nonce", nonce}};
    }
    // The whole way, with the claims, the header and the token as the provider gives them.
    Result<OidcIdentity> enter(const std::function<void(Json&)>& change = {},
                               const std::string& alg = "RS256",
                               const std::function<void(std::string&)>& spoil = {}) {
        const auto begun = oidc.begin();
        BOOST_REQUIRE(begun.ok());
        Json body = claims(valueOf(begun->url, "nonce"));
        if (change) change(body);
        std::string token =
            toBase64Url(dumpJson(Json{{"alg", alg}, {"kid", "k1"}})) + '.' + toBase64Url(dumpJson(body));
        token += '.' + (alg == "none" ? "" : toBase64Url(key.sign(token)));
        if (spoil) spoil(token);
        http.willAnswer(reply(200, dumpJson(Json{{"id_token", token}})));
        if (!has_keys) http.willAnswer(reply(200, dumpJson(Json{{"keys", Json::array({key.jwk()})}})));
        if (alg == "RS256") has_keys = true;
        return oidc.finish(begun->state, "code-1");
    }

    FakeClock clock;
    ScriptedHttp http;
    ProviderKey key;
    bool has_keys = false;
    Oidc oidc{{kIssuer, "signalbox", "https://box.example/api/v1/oidc/callback", "", Secret("client-secret")},
              http,
              clock};
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(whom_the_provider_signs_for_is_known, Fixture) {
    const auto identity = enter();

    BOOST_REQUIRE_MESSAGE(identity.ok(), (identity ? "" : identity.error().message));
    BOOST_TEST(identity->subject == "s-17");
    BOOST_TEST(identity->email == "ada@house.example");
    BOOST_TEST(identity->is_email_verified);
}

BOOST_FIXTURE_TEST_CASE(the_code_is_redeemed_with_the_verifier_of_the_challenge_that_was_sent, Fixture) {
    const auto begun = oidc.begin();
    BOOST_REQUIRE(begun.ok());
    BOOST_TEST(valueOf(begun->url, "code_challenge_method") == "S256");
    http.willAnswer(reply(400));

    BOOST_TEST(!oidc.finish(begun->state, "code-1").ok());

    const auto form = parseForm(http.requests().back().body);
    const std::string verifier(findField(form, "code_verifier").value_or(""));
    BOOST_TEST(toBase64Url(hash(HashAlgorithm::Sha256, verifier)) == valueOf(begun->url, "code_challenge"));
    BOOST_TEST(findField(form, "code").value_or("") == "code-1");
}

BOOST_FIXTURE_TEST_CASE(a_token_that_is_not_the_answer_is_refused, Fixture) {
    const std::int64_t now = toMicros(clock.now()) / 1'000'000;
    BOOST_TEST(enter().ok());

    BOOST_TEST(!enter([](Json& claims) { claims["iss"] = "https://evil.example"; }).ok());
    BOOST_TEST(!enter([](Json& claims) { claims["aud"] = "another"; }).ok());
    BOOST_TEST(!enter([](Json& claims) { claims["aud"] = {"signalbox", "another"}; }).ok());
    BOOST_TEST(!enter([](Json& claims) { claims["nonce"] = "another"; }).ok());
    BOOST_TEST(!enter([&](Json& claims) { claims["exp"] = now - 61; }).ok());
    BOOST_TEST(!enter([](Json& claims) { claims.erase("sub"); }).ok());
    BOOST_TEST(!enter({}, "none").ok());
    BOOST_TEST(!enter({}, "HS256").ok());
    BOOST_TEST(!enter({}, "RS256", [](std::string& token) { token[token.find('.') + 5] ^= 1; }).ok());
    BOOST_TEST(!enter({}, "RS256", [](std::string& token) {
                    char& c = token[token.size() - 10];
                    c = c == 'A' ? 'B' : 'A';
                }).ok());
}

BOOST_FIXTURE_TEST_CASE(a_sign_in_is_finished_once_and_within_ten_minutes, Fixture) {
    const auto begun = oidc.begin();
    BOOST_TEST(!oidc.finish("invented", "code").ok());
    clock.advance(11min);
    BOOST_TEST(oidc.finish(begun->state, "code").error().code == "oidc_refused");
}

}  // namespace signalbox
