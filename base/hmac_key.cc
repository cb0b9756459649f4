#include "base/hmac_key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace signalbox {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

const EVP_MD* digestOf(HashAlgorithm algorithm) {
    if (algorithm == HashAlgorithm::Sha1) return EVP_sha1();
    return algorithm == HashAlgorithm::Sha256 ? EVP_sha256() : EVP_sha512();
}

void expect(bool is_fine) {
    if (!is_fine) throw std::runtime_error("crypto: hmac failed");
}

Context newContext() {
    Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    expect(context != nullptr);
    return context;
}

// A digest that has taken the block of the key, xored as RFC 2104 says.
Context begin(const EVP_MD* digest, std::string_view key, unsigned char pad) {
    std::string block(static_cast<std::size_t>(EVP_MD_get_block_size(digest)), '\0');
    key.copy(block.data(), key.size());
    for (char& c : block) c = static_cast<char>(static_cast<unsigned char>(c) ^ pad);
    Context context = newContext();
    expect(EVP_DigestInit_ex(context.get(), digest, nullptr) == 1 &&
           EVP_DigestUpdate(context.get(), block.data(), block.size()) == 1);
    OPENSSL_cleanse(block.data(), block.size());
    return context;
}

std::size_t finish(const EVP_MD_CTX* begun, std::string_view data, EVP_MD_CTX* scratch, Digest& out) {
    unsigned size = 0;
    expect(EVP_MD_CTX_copy_ex(scratch, begun) == 1 &&
           EVP_DigestUpdate(scratch, data.data(), data.size()) == 1 &&
           EVP_DigestFinal_ex(scratch, out.data(), &size) == 1);
    return size;
}

}  // namespace

struct HmacKey::State {
    Context inner;
    Context outer;
};

HmacKey::HmacKey(HashAlgorithm algorithm, std::string_view key) {
    const EVP_MD* digest = digestOf(algorithm);
    std::string short_key(key);
    if (key.size() > static_cast<std::size_t>(EVP_MD_get_block_size(digest)))
        short_key = hash(algorithm, key);
    state_ = std::make_unique<State>(State{begin(digest, short_key, 0x36), begin(digest, short_key, 0x5c)});
    OPENSSL_cleanse(short_key.data(), short_key.size());
}
HmacKey::~HmacKey() = default;
HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;

std::string HmacKey::sign(std::string_view data) const {
    const Context scratch = newContext();
    Digest digest;
    auto size = finish(state_->inner.get(), data, scratch.get(), digest);
    const std::string inner(reinterpret_cast<const char*>(digest.data()), size);
    size = finish(state_->outer.get(), inner, scratch.get(), digest);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace signalbox
