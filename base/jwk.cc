#include "base/jwk.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>

#include "base/crypto.h"

namespace signalbox {
namespace {

template <class T, void (*release)(T*)>
struct Release {
    void operator()(T* one) const { release(one); }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM, OSSL_PARAM_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BIGNUM, BN_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX, EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG, ECDSA_SIG_free>>;

constexpr std::size_t kP256Bytes = 32, kMinRsaBytes = 256;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string member(const Json& jwk, const char* name) {
    return fromBase64(textAt(jwk, name)).value_or("");
}

Number numberFrom(std::string_view text) {
    return Number(BN_bin2bn(bytes(text), static_cast<int>(text.size()), nullptr));
}

Key keyFrom(const char* type, OSSL_PARAM_BLD* builder) {
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) return nullptr;
    return Key(key);
}

Key rsaKey(const Json& jwk) {
    const std::string modulus = member(jwk, "n"), exponent = member(jwk, "e");
    if (textAt(jwk, "kty") != "RSA" || modulus.size() < kMinRsaBytes || exponent.empty()) return nullptr;
    const Number n = numberFrom(modulus), e = numberFrom(exponent);
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return nullptr;
    return keyFrom("RSA", builder.get());
}

Key p256Key(const Json& jwk) {
    const std::string x = member(jwk, "x"), y = member(jwk, "y");
    if (textAt(jwk, "kty") != "EC" || textAt(jwk, "crv") != "P-256" || x.size() != kP256Bytes ||
        y.size() != kP256Bytes)
        return nullptr;
    const std::string point = '\x04' + x + y;
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1)
        return nullptr;
    return keyFrom("EC", builder.get());
}

// r ‖ s of a JWS as the DER that OpenSSL reads; empty when it is none.
std::string derFrom(std::string_view signature) {
    if (signature.size() != 2 * kP256Bytes) return "";
    Number r = numberFrom(signature.substr(0, kP256Bytes)), s = numberFrom(signature.substr(kP256Bytes));
    const EcSignature both(ECDSA_SIG_new());
    if (!r || !s || !both || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) return "";
    (void)r.release();
    (void)s.release();
    unsigned char* out = nullptr;
    const int length = i2d_ECDSA_SIG(both.get(), &out);
    if (length <= 0) return "";
    std::string der(reinterpret_cast<char*>(out), static_cast<std::size_t>(length));
    OPENSSL_free(out);
    return der;
}

bool verify(EVP_PKEY* key, std::string_view data, std::string_view signature) {
    const Digest digest(EVP_MD_CTX_new());
    if (key == nullptr || !digest || signature.empty()) return false;
    if (EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key) != 1) return false;
    return EVP_DigestVerify(digest.get(), bytes(signature), signature.size(), bytes(data), data.size()) == 1;
}

}  // namespace

bool verifyJwkSignature(const Json& jwk, std::string_view alg, std::string_view data,
                        std::string_view signature) {
    if (alg == "RS256") return verify(rsaKey(jwk).get(), data, signature);
    if (alg == "ES256") return verify(p256Key(jwk).get(), data, derFrom(signature));
    return false;
}

}  // namespace signalbox
