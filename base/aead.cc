#include "base/aead.h"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace signalbox {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

void require(bool is_done) {
    if (!is_done) throw std::runtime_error("aes-256-gcm: openssl refuses");
}

Context contextFor(std::string_view key, std::string_view nonce) {
    require(key.size() == kAeadKeyBytes && nonce.size() == kAeadNonceBytes);
    Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    require(context != nullptr);
    return context;
}

}  // namespace

std::string sealAead(std::string_view key, std::string_view nonce, std::string_view associated,
                     std::string_view plain) {
    const Context context = contextFor(key, nonce);
    std::string out(plain.size() + kAeadTagBytes, '\0');
    int length = 0;
    require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce)) == 1);
    require(EVP_EncryptUpdate(context.get(), nullptr, &length, bytes(associated),
                              static_cast<int>(associated.size())) == 1);
    require(EVP_EncryptUpdate(context.get(), bytes(out), &length, bytes(plain),
                              static_cast<int>(plain.size())) == 1);
    require(EVP_EncryptFinal_ex(context.get(), bytes(out) + length, &length) == 1);
    require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kAeadTagBytes,
                                bytes(out) + plain.size()) == 1);
    return out;
}

std::optional<std::string> openAead(std::string_view key, std::string_view nonce, std::string_view associated,
                                    std::string_view sealed) {
    if (sealed.size() < kAeadTagBytes) return std::nullopt;
    const Context context = contextFor(key, nonce);
    std::string out(sealed.substr(0, sealed.size() - kAeadTagBytes));
    std::string tag(sealed.substr(out.size()));
    int length = 0;
    require(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce)) == 1);
    require(EVP_DecryptUpdate(context.get(), nullptr, &length, bytes(associated),
                              static_cast<int>(associated.size())) == 1);
    require(EVP_DecryptUpdate(context.get(), bytes(out), &length, bytes(sealed),
                              static_cast<int>(out.size())) == 1);
    require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kAeadTagBytes, bytes(tag)) == 1);
    if (EVP_DecryptFinal_ex(context.get(), bytes(out) + length, &length) != 1) return std::nullopt;
    return out;
}

}  // namespace signalbox
