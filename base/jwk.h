// Signatures by JSON Web Keys (RFC 7517, 7518) through OpenSSL: RS256 with an RSA key, ES256 with one on
// P-256. Thread-safe.
#pragma once

#include <string_view>

#include "base/json.h"

namespace signalbox {

// True when `signature` (as in a JWS) over `data` is right. False as well for another algorithm, a key of
// another kind or below 2048 bits, and whatever cannot be read: `alg` is never taken from the key's word
// alone.
bool verifyJwkSignature(const Json& jwk, std::string_view alg, std::string_view data,
                        std::string_view signature);

}  // namespace signalbox
