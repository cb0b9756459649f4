// Stored content encrypted: a head of 56 bytes (magic, key number, size, salt), then pieces of 64 KiB, each
// with its own AES-256-GCM tag. The key of one blob is HMAC-SHA-256(key, salt), so a piece's number is nonce
// enough; head, name and «is the last piece» are authenticated with each piece (the STREAM construction), so
// nothing can be cut off, swapped or moved to another name, and any part is read by itself. Pure; OpenSSL
// stays in the source file.
#pragma once

#include <functional>
#include <optional>

#include "base/secret.h"
#include "hub/files/object_store.h"

namespace signalbox {

struct BlobKey {
    std::int64_t number = 0;
    Secret key;  // 32 bytes
};

// `plain` encrypted under `key`, bound to `name`; both outlive it.
std::unique_ptr<ObjectSource> encrypting(ObjectSource& plain, const BlobKey& key, std::string name);

using FindBlobKey = std::function<std::optional<Secret>(std::int64_t number)>;
// The plain content of `sealed`. Unavailable «blob_key»: its key is not there; «damaged»: it is no longer
// what was stored (said by `read`, of the piece that it meets).
Result<std::unique_ptr<ObjectReader>> decrypting(std::unique_ptr<ObjectReader> sealed,
                                                 const FindBlobKey& keys, std::string name);
// The number of the key of an encrypted object, from its head.
Result<std::int64_t> keyNumberOf(ObjectReader& sealed);

}  // namespace signalbox
