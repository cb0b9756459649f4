// The keys of encrypted content: random, sealed by the vault, so that a rotation of the vault's key costs
// nothing here. The newest encrypts; the older ones still read until everything is encrypted anew. The only
// writer of the table blob_keys. Thread-safe.
#pragma once

#include <map>
#include <shared_mutex>

#include "base/ids.h"
#include "hub/files/blob_cipher.h"
#include "hub/store/store.h"
#include "hub/vault/vault.h"

namespace signalbox {

class BlobKeys {
public:
    // The vault covers blob_keys.sealed from here on. Unavailable or Invalid: they cannot be read or
    // unsealed.
    static Result<std::unique_ptr<BlobKeys>> open(Store& store, Ids& ids, const Clock& clock, Vault& vault);

    BlobKey newest() const;
    TimePoint newestSince() const;
    // Every few seconds: another node may have made a new one.
    Status refresh() { return load(); }
    // Asks the database for one that another node has made.
    std::optional<Secret> find(std::int64_t number) const;
    // A new key for all that is stored from now on.
    Status add();
    // Forgets all but the newest; whoever calls has made sure that nothing is encrypted under them any more.
    Status dropOlder();
    std::size_t count() const;

private:
    struct Kept {
        Secret key;
        TimePoint since{};
    };
    BlobKeys(Store& store, Ids& ids, const Clock& clock, Vault& vault)
        : store_(store), ids_(ids), clock_(clock), vault_(vault) {}
    Status load() const;

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    Vault& vault_;
    mutable std::shared_mutex mutex_;
    mutable std::map<std::int64_t, Kept> keys_;
};

}  // namespace signalbox
