// AES-256-GCM (NIST SP 800-38D) through OpenSSL, and keys made from keys. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

inline constexpr std::size_t kAeadKeyBytes = 32, kAeadNonceBytes = 12, kAeadTagBytes = 16;

// Ciphertext and tag. `key` has 32 bytes and `nonce` 12, which are never used together twice. Throws
// std::runtime_error when OpenSSL cannot.
std::string sealAead(std::string_view key, std::string_view nonce, std::string_view associated,
                     std::string_view plain);
// Nothing when a byte of it, of the nonce or of `associated` is not what was sealed, or the key is another.
std::optional<std::string> openAead(std::string_view key, std::string_view nonce, std::string_view associated,
                                    std::string_view sealed);

}  // namespace signalbox
