// Credentials at rest: AES-256-GCM under a key file. A sealed value knows its key's number and is bound to
// its place (organization, table, row, field), so that it opens nowhere else. A check record of each key in
// the database refuses a start with a wrong key file. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "hub/store/store.h"
#include "hub/vault/key_file.h"

namespace signalbox {

// Where a sealed value lives.
struct SealedPlace {
    Id org = 0;
    std::string_view table;
    Id row = 0;
    std::string_view field;
};

// A column of sealed values, so that a rotation finds them: its table also has a column `org`. Constants of
// the program; `field` is the column and the field of the place.
struct SealedColumn {
    std::string table, row_column, field;
};

class Vault {
public:
    // Reads the key file, or makes it (mode 0400) when neither it nor anything sealed is there. The error
    // says when keys are missing or are others than the database was sealed with.
    static Result<std::unique_ptr<Vault>> open(Store& store, const Clock& clock,
                                               const std::filesystem::path& key_file);

    // Bytes for a BLOB column (bind them as Blob).
    std::string seal(const SealedPlace& place, std::string_view secret) const;
    // Invalid «vault_sealed»: changed, of another place, or of a key that is no longer there.
    Result<Secret> unseal(const SealedPlace& place, std::string_view sealed) const;

    // At start, before any rotation. `made` is told of each new key, after everything is sealed with it.
    void afterRotation(std::function<void()> made) { made_ = std::move(made); }
    void covers(SealedColumn column) { columns_.push_back(std::move(column)); }

    struct Rotated {
        std::int64_t key_number = 0;  // the new key's
        std::size_t values = 0;       // sealed anew
    };
    // A new key for all from now on, and what is stored is sealed anew. Cut off anywhere, both keys are
    // there. The old key stays in the file, for values that are on their way into the database, until the
    // next start or rotation. One at a time.
    Result<Rotated> rotate();
    // At start, after `covers`: finishes an earlier rotation; only the newest key stays.
    Status dropOldKeys();
    // Every few seconds: reads the key file anew, which another node may have rotated.
    void refresh() const;
    std::int64_t currentKey() const;

private:
    Vault(Store& store, const Clock& clock, std::filesystem::path key_file, std::vector<VaultKey> keys)
        : store_(store), clock_(clock), key_file_(std::move(key_file)), keys_(std::move(keys)) {}
    Status checkKeys();
    Status noteKey(const VaultKey& key);
    std::optional<Secret> keyOf(std::int64_t number) const;
    Result<std::size_t> sealAllAnew(std::int64_t number);
    Result<std::size_t> sealAnew(const SealedColumn& column, std::int64_t number);

    Store& store_;
    const Clock& clock_;
    const std::filesystem::path key_file_;
    std::vector<SealedColumn> columns_;
    std::function<void()> made_;
    mutable std::shared_mutex mutex_;
    mutable std::vector<VaultKey> keys_;  // the newest last
    std::mutex rotating_;
};

}  // namespace signalbox
