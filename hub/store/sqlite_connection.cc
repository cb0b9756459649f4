#include "hub/store/sqlite_connection.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>
#include <sqlite3.h>

#include <mutex>
#include <optional>
#include <unordered_map>

#include "hub/store/sqlite_checkpoints.h"
#include "hub/store/sqlite_statement.h"
#include "hub/store/text_hash.h"

namespace signalbox::store {
namespace {

using Kind = StoreError::Kind;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kKeptStatements = 1000;
constexpr int kStepsBetweenChecks = 10'000;  // of SQLite's machine, about a millisecond

// A commit after which pages changed their places walks all of the writer's cache, so a large one costs more
// than what it saves: the kernel has the pages as well.
constexpr const char* kWriterSettings[] = {
    "PRAGMA synchronous = FULL", "PRAGMA journal_size_limit = 67108864", "PRAGMA cache_size = -8192",
    "PRAGMA foreign_keys = ON",
    // What a person asked to delete is gone from the file, not only from the tables.
    "PRAGMA secure_delete = ON"};
constexpr const char* kReaderSettings[] = {"PRAGMA query_only = ON", "PRAGMA cache_size = -8192"};
constexpr const char* kSettings[] = {"PRAGMA wal_autocheckpoint = 0", "PRAGMA mmap_size = 0",
                                     "PRAGMA cell_size_check = ON", "PRAGMA temp_store = MEMORY"};

Poco::Data::Session openSession(const std::string& path) {
    static std::once_flag registered;
    std::call_once(registered, [] {
        // A connection is one thread's at a time, and nobody asks SQLite how much memory it has: without
        // these locks a callback takes a tenth less. Refused once SQLite runs, which is no harm.
        sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        Poco::Data::SQLite::Connector::registerConnector();
    });
    try {
        return {Poco::Data::SQLite::Connector::KEY, path};
    } catch (const Poco::Exception& error) {
        throw StoreError(Kind::Io, "sqlite: cannot open " + path + ": " + error.displayText());
    }
}

class SqliteConnection : public Connection {
public:
    SqliteConnection(const SqliteOptions& options, Access access)
        : session_(openSession(options.path)),
          database_(Poco::Data::SQLite::Utility::dbHandle(session_)),
          read_limit_(options.read_limit) {
        sqlite3_extended_result_codes(database_, 1);
        sqlite3_busy_timeout(database_, static_cast<int>(kBusyTimeout.count()));
        configure(access);
    }

    Rows query(std::string_view sql, std::span<const Value> values) override {
        return prepared(sql).query(values);
    }
    std::int64_t exec(std::string_view sql, std::span<const Value> values) override {
        return prepared(sql).exec(values);
    }
    void runOnce(const std::string& sql) override { SqliteStatement(database_, sql).exec({}); }

    // IMMEDIATE: a lock that another process holds shows here, before any job ran.
    void begin() override { exec("BEGIN IMMEDIATE", {}); }
    void beginReading() override {
        read_until_ = std::chrono::steady_clock::now() + read_limit_;
        exec("BEGIN", {});
    }
    void commit() override { exec("COMMIT", {}); }
    void rollback() noexcept override;

    void savepoint() override { exec("SAVEPOINT job", {}); }
    void releaseSavepoint() override { exec("RELEASE job", {}); }
    void rollbackToSavepoint() override {
        exec("ROLLBACK TO job", {});
        releaseSavepoint();
    }

    void ensureOpen() override {}  // a file does not go away
    std::chrono::milliseconds housekeep(std::chrono::milliseconds idle_for) override {
        return checkpoints_->housekeep(idle_for);
    }
    void abandon() noexcept override { option(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1); }

    const Dialect& dialect() const override { return sqliteDialect(); }

private:
    void configure(Access access);
    void useWriteAheadLog();
    void option(int which, int value) { sqlite3_db_config(database_, which, value, nullptr); }
    SqliteStatement& prepared(std::string_view sql);
    static int onProgress(void* self);

    Poco::Data::Session session_;
    sqlite3* const database_;
    const std::chrono::milliseconds read_limit_;
    SteadyTime read_until_;
    std::optional<SqliteCheckpoints> checkpoints_;
    std::unordered_map<std::string, SqliteStatement, TextHash, std::equal_to<>> statements_;
};

void SqliteConnection::configure(Access access) {
    option(SQLITE_DBCONFIG_DEFENSIVE, 1);
    option(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
    option(SQLITE_DBCONFIG_DQS_DML, 0);  // "x" is a name, as PostgreSQL has it
    option(SQLITE_DBCONFIG_DQS_DDL, 0);
    for (const auto* setting : kSettings) runOnce(setting);
    if (access == Access::Write) {
        useWriteAheadLog();
        for (const auto* setting : kWriterSettings) runOnce(setting);
        checkpoints_.emplace(database_);
        return;
    }
    option(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
    for (const auto* setting : kReaderSettings) runOnce(setting);
    sqlite3_progress_handler(database_, kStepsBetweenChecks, &SqliteConnection::onProgress, this);
}

void SqliteConnection::useWriteAheadLog() {
    const auto rows = SqliteStatement(database_, "PRAGMA journal_mode = WAL").query({});
    if (rows.empty() || rows[0].text(0) != "wal")
        throw StoreError(Kind::Io, "sqlite: the file system cannot hold a write-ahead log (shared memory)");
}

int SqliteConnection::onProgress(void* self) {
    return std::chrono::steady_clock::now() > static_cast<SqliteConnection*>(self)->read_until_ ? 1 : 0;
}

SqliteStatement& SqliteConnection::prepared(std::string_view sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return found->second;
    // Statements are constants; more than this many means somebody builds them, which must not eat the
    // memory.
    if (statements_.size() >= kKeptStatements) statements_.clear();
    return statements_.try_emplace(std::string(sql), database_, sqliteDialect().statement(sql)).first->second;
}

void SqliteConnection::rollback() noexcept {
    // SQLite has already rolled back by itself after some errors (disk full, I/O, out of memory).
    if (sqlite3_get_autocommit(database_) != 0) return;
    sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace

std::unique_ptr<Connection> openSqlite(const SqliteOptions& options, Access access) {
    return std::make_unique<SqliteConnection>(options, access);
}

}  // namespace signalbox::store
