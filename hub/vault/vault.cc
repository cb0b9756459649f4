#include "hub/vault/vault.h"

#include <mutex>

#include "base/aead.h"
#include "base/crypto.h"
#include "base/log.h"

namespace signalbox {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kHeaderBytes = 1 + 4;  // version, key number
constexpr std::size_t kBatch = 200;
constexpr std::string_view kCheckText = "signalbox vault";
const SealedPlace kCheckPlace{0, "vault_keys", 0, "check_value"};

std::string bigEndian(std::uint64_t number, std::size_t bytes) {
    std::string out;
    for (std::size_t i = bytes; i-- > 0;) out += static_cast<char>(number >> (8 * i) & 0xFF);
    return out;
}

std::string withLength(std::string_view text) {
    return bigEndian(text.size(), 4) + std::string(text);
}

std::string associatedData(std::string_view header, const SealedPlace& place) {
    return std::string(header) + bigEndian(static_cast<std::uint64_t>(place.org), 8) +
           withLength(place.table) + bigEndian(static_cast<std::uint64_t>(place.row), 8) +
           withLength(place.field);
}

// A key of its own for each organization, so that no key sees too many nonces.
Secret keyFor(const Secret& key, Id org) {
    return Secret(hmac(HashAlgorithm::Sha256, key.reveal(),
                       "signalbox vault" + bigEndian(static_cast<std::uint64_t>(org), 8)));
}

std::int64_t keyNumber(std::string_view sealed) {
    std::uint64_t number = 0;
    for (std::size_t i = 1; i < kHeaderBytes; ++i)
        number = number << 8 | static_cast<unsigned char>(sealed[i]);
    return static_cast<std::int64_t>(number);
}

std::string sealWith(const VaultKey& key, const SealedPlace& place, std::string_view secret) {
    const std::string header = kVersion + bigEndian(static_cast<std::uint64_t>(key.number), 4);
    const std::string nonce = randomBytes(kAeadNonceBytes);
    return header + nonce +
           sealAead(keyFor(key.key, place.org).reveal(), nonce, associatedData(header, place), secret);
}

std::optional<Secret> unsealWith(const Secret& key, const SealedPlace& place, std::string_view sealed) {
    auto plain = openAead(keyFor(key, place.org).reveal(), sealed.substr(kHeaderBytes, kAeadNonceBytes),
                          associatedData(sealed.substr(0, kHeaderBytes), place),
                          sealed.substr(kHeaderBytes + kAeadNonceBytes));
    if (!plain) return std::nullopt;
    return Secret(std::move(*plain));
}

bool isSealed(std::string_view sealed) {
    return sealed.size() >= kHeaderBytes + kAeadNonceBytes + kAeadTagBytes && sealed[0] == kVersion;
}

Error wrongKeys(const std::filesystem::path& file, const std::string& what) {
    return {ErrorKind::Invalid,
            "vault: " + what + "; put back the key file " + file.string() +
                " that belongs to this database (vault.key_file)",
            {},
            "vault_key_wrong"};
}

}  // namespace

Result<std::unique_ptr<Vault>> Vault::open(Store& store, const Clock& clock,
                                           const std::filesystem::path& key_file) {
    bool is_sealed = false;
    store.read(
        [&](Reader& reader) { is_sealed = !reader.query("SELECT 1 FROM vault_keys LIMIT 1").empty(); });
    auto keys = readKeyFile(key_file);
    if (!keys && keys.error().kind != ErrorKind::NotFound) return keys.error();
    if (!keys && is_sealed)
        return wrongKeys(key_file, "the database holds sealed credentials, but the key file is not there");
    if (!keys) {
        keys = std::vector<VaultKey>{makeVaultKey(1)};
        if (auto written = writeKeyFile(key_file, *keys); !written) return written.error();
        log::info("vault_key_made", {{"file", key_file.string()}});
    }
    std::unique_ptr<Vault> vault(new Vault(store, clock, key_file, std::move(*keys)));
    if (auto checked = vault->checkKeys(); !checked) return checked.error();
    return vault;
}

Status Vault::checkKeys() {
    Rows rows;
    store_.read([&](Reader& reader) { rows = reader.query("SELECT kid, check_value FROM vault_keys"); });
    for (const Row& row : rows) {
        const auto key = keyOf(row.integer(0));
        const std::string number = std::to_string(row.integer(0));
        if (!key) return wrongKeys(key_file_, "key " + number + " is missing in the key file");
        if (!isSealed(row.text(1)) || !unsealWith(*key, kCheckPlace, row.text(1)))
            return wrongKeys(key_file_,
                             "key " + number + " of the key file is not the one that sealed this database");
    }
    for (const VaultKey& key : keys_)
        if (auto noted = noteKey(key); !noted) return noted;
    return Done{};
}

Status Vault::noteKey(const VaultKey& key) {
    const std::string check = sealWith(key, kCheckPlace, kCheckText);
    return store_.writeAndWait([&](Tx& tx) {
        tx.exec(
            "INSERT INTO vault_keys (kid, check_value, created_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (kid) DO NOTHING",
            {key.number, Blob{check}, toMicros(clock_.now())});
    });
}

std::optional<Secret> Vault::keyOf(std::int64_t number) const {
    std::shared_lock lock(mutex_);
    for (const VaultKey& key : keys_)
        if (key.number == number) return key.key;
    return std::nullopt;
}

void Vault::refresh() const {
    auto keys = readKeyFile(key_file_);
    if (!keys) return;
    std::unique_lock lock(mutex_);
    keys_ = std::move(*keys);
}

std::int64_t Vault::currentKey() const {
    std::shared_lock lock(mutex_);
    return keys_.back().number;
}

std::string Vault::seal(const SealedPlace& place, std::string_view secret) const {
    std::shared_lock lock(mutex_);
    return sealWith(keys_.back(), place, secret);
}

Result<Secret> Vault::unseal(const SealedPlace& place, std::string_view sealed) const {
    const Error refused{ErrorKind::Invalid,
                        "vault: the sealed " + std::string(place.field) + " of " + std::string(place.table) +
                            " cannot be opened; it was changed, or its key is gone",
                        {},
                        "vault_sealed"};
    if (!isSealed(sealed)) return refused;
    auto key = keyOf(keyNumber(sealed));
    if (!key) {
        refresh();  // another node that shares the file may have rotated
        key = keyOf(keyNumber(sealed));
    }
    if (!key) return refused;
    auto secret = unsealWith(*key, place, sealed);
    if (!secret) return refused;
    return std::move(*secret);
}

Result<Vault::Rotated> Vault::rotate() {
    const std::unique_lock one_at_a_time(rotating_, std::try_to_lock);
    if (!one_at_a_time.owns_lock())
        return Error{ErrorKind::Conflict, "a rotation is at work already", {}, "conflict"};
    refresh();
    // What is left of an earlier rotation; values that were under way then are committed by now.
    if (auto dropped = dropOldKeys(); !dropped) return dropped.error();
    VaultKey fresh = makeVaultKey(currentKey() + 1);
    std::vector<VaultKey> keys;
    {
        std::shared_lock lock(mutex_);
        keys = keys_;
    }
    keys.push_back(fresh);
    // The file first: nothing is sealed with a key that is not on disk.
    if (auto written = writeKeyFile(key_file_, keys); !written) return written.error();
    if (auto noted = noteKey(fresh); !noted) return noted.error();
    {
        std::unique_lock lock(mutex_);
        keys_ = keys;
    }
    const auto values = sealAllAnew(fresh.number);
    if (!values) return values.error();
    log::info("vault_rotated", {{"key", std::to_string(fresh.number)}, {"values", std::to_string(*values)}});
    if (made_) made_();
    return Rotated{fresh.number, *values};
}

Result<std::size_t> Vault::sealAllAnew(std::int64_t number) {
    std::size_t count = 0;
    for (const SealedColumn& column : columns_) {
        const auto values = sealAnew(column, number);
        if (!values) return values;
        count += *values;
    }
    return count;
}

Status Vault::dropOldKeys() {
    VaultKey newest;
    {
        std::shared_lock lock(mutex_);
        if (keys_.size() == 1) return Done{};
        newest = keys_.back();
    }
    if (const auto values = sealAllAnew(newest.number); !values) return values.error();
    const auto forgotten = store_.writeAndWait(
        [&](Tx& tx) { tx.exec("DELETE FROM vault_keys WHERE kid < $1", {newest.number}); });
    if (!forgotten) return forgotten;
    if (auto written = writeKeyFile(key_file_, {newest}); !written) return written;
    std::unique_lock lock(mutex_);
    keys_ = {newest};
    return Done{};
}

Result<std::size_t> Vault::sealAnew(const SealedColumn& column, std::int64_t number) {
    const std::string select = "SELECT " + column.row_column + ", org, " + column.field + " FROM " +
                               column.table + " WHERE " + column.row_column + " > $1 ORDER BY " +
                               column.row_column + " LIMIT " + std::to_string(kBatch);
    const std::string update = "UPDATE " + column.table + " SET " + column.field + " = $1 WHERE " +
                               column.row_column + " = $2 AND " + column.field + " = $3";
    std::size_t count = 0;
    for (Id last = 0;;) {
        Rows rows;
        store_.read([&](Reader& reader) { rows = reader.query(select, {last}); });
        if (rows.empty()) return count;
        last = rows.back().integer(0);
        struct Change {
            Id row;
            std::string before, after;
        };
        std::vector<Change> changes;
        for (const Row& row : rows) {
            const std::string& sealed = row.text(2);
            if (!isSealed(sealed) || keyNumber(sealed) == number) continue;
            const SealedPlace place{row.integer(1), column.table, row.integer(0), column.field};
            const auto secret = unseal(place, sealed);
            if (!secret) return withContext("rotate", secret.error());
            changes.push_back({row.integer(0), sealed, seal(place, secret->reveal())});
        }
        // A value that was changed meanwhile is sealed with the new key already.
        const auto written = store_.writeAndWait([&](Tx& tx) {
            for (const Change& change : changes)
                tx.exec(update, {Blob{change.after}, change.row, Blob{change.before}});
        });
        if (!written) return written.error();
        count += changes.size();
    }
}

}  // namespace signalbox
