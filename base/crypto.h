// Hashes, message authentication and their text forms, through OpenSSL. All functions are thread-safe and
// total.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

enum class HashAlgorithm { Sha1, Sha256, Sha512 };

// Raw digest bytes.
std::string hash(HashAlgorithm algorithm, std::string_view data);
std::string hmac(HashAlgorithm algorithm, std::string_view key, std::string_view data);

// Ed25519 (RFC 8032): public_key 32 raw bytes, signature 64 raw bytes.
bool verifyEd25519(std::string_view public_key, std::string_view data, std::string_view signature);

// Takes the same time wherever the difference is; false at once when the lengths differ.
bool equalInConstantTime(std::string_view a, std::string_view b);

std::string toHex(std::string_view bytes);  // lower case
std::optional<std::string> fromHex(std::string_view text);

std::string toBase64(std::string_view bytes);                  // RFC 4648 section 4, padded
std::string toBase64Url(std::string_view bytes);               // section 5, not padded
std::optional<std::string> fromBase64(std::string_view text);  // either alphabet, padding optional

// From the operating system's generator.
std::string randomBytes(std::size_t count);
std::uint64_t randomNumber();

}  // namespace signalbox
