#include "hub/files/blob_keys.h"

#include <mutex>

#include "base/crypto.h"

namespace signalbox {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr Id kNoOrg = 0;  // content is kept once for all organizations

SealedPlace placeOf(Id key) {
    return {kNoOrg, "blob_keys", key, "sealed"};
}

}  // namespace

Result<std::unique_ptr<BlobKeys>> BlobKeys::open(Store& store, Ids& ids, const Clock& clock, Vault& vault) {
    std::unique_ptr<BlobKeys> keys(new BlobKeys(store, ids, clock, vault));
    vault.covers({"blob_keys", "id", "sealed"});
    if (auto loaded = keys->load(); !loaded) return loaded.error();
    if (keys->count() == 0) {
        if (auto added = keys->add(); !added) return added.error();
    }
    return keys;
}

Status BlobKeys::load() const {
    std::map<std::int64_t, Kept> keys;
    Status status = Done{};
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query("SELECT id, sealed, created_at FROM blob_keys")) {
            auto key = vault_.unseal(placeOf(row.integer(0)), row.text(1));
            if (!key) {
                status = withContext("key of stored files", key.error());
                return;
            }
            keys.emplace(row.integer(0), Kept{*std::move(key), fromMicros(row.integer(2))});
        }
    });
    if (!status) return status;
    std::unique_lock lock(mutex_);
    keys_ = std::move(keys);
    return Done{};
}

BlobKey BlobKeys::newest() const {
    std::shared_lock lock(mutex_);
    const auto last = keys_.rbegin();
    return {last->first, last->second.key};
}

TimePoint BlobKeys::newestSince() const {
    std::shared_lock lock(mutex_);
    return keys_.rbegin()->second.since;
}

std::optional<Secret> BlobKeys::find(std::int64_t number) const {
    for (const bool is_fresh : {false, true}) {
        if (is_fresh && !load()) return std::nullopt;
        std::shared_lock lock(mutex_);
        if (const auto found = keys_.find(number); found != keys_.end()) return found->second.key;
    }
    return std::nullopt;
}

Status BlobKeys::add() {
    const Id id = ids_.next();
    const Secret key(randomBytes(kKeyBytes));
    const std::string sealed = vault_.seal(placeOf(id), key.reveal());
    const Status written = store_.writeAndWait([&](Tx& tx) {
        tx.exec("INSERT INTO blob_keys (id, org, sealed, created_at) VALUES ($1, $2, $3, $4)",
                {id, kNoOrg, Blob{sealed}, toMicros(clock_.now())});
    });
    return written ? load() : written;
}

Status BlobKeys::dropOlder() {
    const std::int64_t kept = newest().number;
    const Status written =
        store_.writeAndWait([&](Tx& tx) { tx.exec("DELETE FROM blob_keys WHERE id < $1", {kept}); });
    return written ? load() : written;
}

std::size_t BlobKeys::count() const {
    std::shared_lock lock(mutex_);
    return keys_.size();
}

}  // namespace signalbox
