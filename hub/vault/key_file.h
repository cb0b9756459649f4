// The file of the vault's keys: a line «number base64» for each, the newest last. Mode 0400, its owner's
// alone; replaced as a whole, on disk before the call returns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace signalbox {

struct VaultKey {
    std::int64_t number = 0;
    Secret key;  // 32 bytes
};

VaultKey makeVaultKey(std::int64_t number);
// NotFound: there is no such file. Invalid: what is in it are no keys, or others may read it.
Result<std::vector<VaultKey>> readKeyFile(const std::filesystem::path& file);
Status writeKeyFile(const std::filesystem::path& file, const std::vector<VaultKey>& keys);

}  // namespace signalbox
