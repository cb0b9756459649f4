#include "hub/store/migrations.h"

#include <charconv>
#include <map>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"

namespace signalbox::store {
namespace {

struct Migration {
    std::int64_t version = 0;
    std::string name;
    std::string sha256;
    std::string_view text;
};
struct Applied {
    std::string name;
    std::string sha256;
};
using AppliedByVersion = std::map<std::int64_t, Applied>;

constexpr const char* kOwnTables[] = {
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, "
    "sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL)",
    // Written to and emptied again while writes are refused, to see whether they would work.
    "CREATE TABLE IF NOT EXISTS store_probes (id BIGINT NOT NULL PRIMARY KEY, ballast BLOB NOT NULL)"};

// Rolls back unless committed.
class Transaction {
public:
    explicit Transaction(Connection& connection) : connection_(connection) {
        connection_.begin();
        const std::string lock(connection.dialect().lock_for_migration);
        if (!lock.empty()) connection_.runOnce(lock);
    }
    ~Transaction() {
        if (!is_committed_) connection_.rollback();
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit() {
        connection_.commit();
        is_committed_ = true;
    }

private:
    Connection& connection_;
    bool is_committed_ = false;
};

Result<std::vector<Migration>> readMigrations(std::span<const embedded::TextFile> files) {
    std::vector<Migration> migrations;
    for (const auto& [name, text] : files) {
        std::int64_t version = 0;
        const auto read = std::from_chars(name.data(), name.data() + name.size(), version);
        const auto expected = static_cast<std::int64_t>(migrations.size()) + 1;
        if (read.ec != std::errc() || *read.ptr != '_' || version != expected)
            return Error{ErrorKind::Invalid, "store: migration " + std::string(name) + " should be number " +
                                                 std::to_string(expected)};
        migrations.push_back({version, std::string(name), toHex(hash(HashAlgorithm::Sha256, text)), text});
    }
    return migrations;
}

AppliedByVersion readApplied(Connection& connection) {
    AppliedByVersion applied;
    for (const auto& row : connection.query("SELECT version, name, sha256 FROM schema_migrations", {}))
        applied[row.integer(0)] = {row.text(1), row.text(2)};
    return applied;
}

Status checkApplied(const AppliedByVersion& applied, const std::vector<Migration>& known) {
    const auto newest = static_cast<std::int64_t>(known.size());
    if (!applied.empty() && applied.rbegin()->first > newest)
        return Error{ErrorKind::Conflict,
                     "store: the database has schema " + std::to_string(applied.rbegin()->first) +
                         ", this program knows schema " + std::to_string(newest) +
                         ": start the newer program, or restore the backup made before it"};
    for (const auto& [version, done] : applied) {
        const auto& migration = known[static_cast<std::size_t>(version) - 1];
        if (done.sha256 == migration.sha256) continue;
        return Error{ErrorKind::Conflict, "store: migration " + migration.name +
                                              " was applied with another text than this program has: use the "
                                              "program that made the database, or a new database"};
    }
    return Done{};
}

void apply(Connection& connection, const Migration& migration) {
    Transaction transaction(connection);
    if (readApplied(connection).contains(migration.version)) return;  // another daemon was faster
    for (const auto& statement : splitStatements(migration.text)) {
        const std::string sql = connection.dialect().migration(statement);
        if (!sql.empty()) connection.runOnce(sql);
    }
    const Value record[] = {migration.version, std::string_view(migration.name),
                            std::string_view(migration.sha256), toMicros(SystemClock{}.now())};
    connection.exec(
        "INSERT INTO schema_migrations (version, name, sha256, applied_at) VALUES ($1, $2, $3, $4)", record);
    transaction.commit();
}

}  // namespace

Status migrate(Connection& connection, std::span<const embedded::TextFile> files) {
    const auto migrations = readMigrations(files);
    if (!migrations) return migrations.error();
    {
        Transaction transaction(connection);
        for (const auto* table : kOwnTables) connection.runOnce(connection.dialect().migration(table));
        transaction.commit();
    }
    const auto applied = readApplied(connection);
    const auto checked = checkApplied(applied, *migrations);
    if (!checked) return checked;
    if (applied.size() == migrations->size()) return Done{};
    for (const auto& migration : *migrations)
        if (!applied.contains(migration.version)) apply(connection, migration);
    log::info("store_migrated",
              {{"from", std::to_string(applied.size())}, {"to", std::to_string(migrations->size())}});
    return Done{};
}

}  // namespace signalbox::store
