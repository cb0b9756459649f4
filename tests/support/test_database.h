// Runs a test on each database that there is: BOOST_DATA_TEST_CASE(name, databases(), kind).
#pragma once

#include <cstdlib>
#include <ostream>
#include <stdexcept>

#include "hub/store/store.h"
#include "tests/support/postgres_server.h"
#include "tests/support/temp_dir.h"
#include "tests/support/temp_folder.h"

namespace signalbox {

enum class DatabaseKind { Sqlite, Postgres };

inline std::ostream& operator<<(std::ostream& out, DatabaseKind kind) {
    return out << (kind == DatabaseKind::Sqlite ? "sqlite" : "postgresql");
}

inline std::vector<DatabaseKind> databases() {
    if (!PostgresServer::isInstalled()) return {DatabaseKind::Sqlite};
    return {DatabaseKind::Sqlite, DatabaseKind::Postgres};
}

// Where a test runs on one database only: SQLite in its folder, or with SIGNALBOX_TEST_DATABASE=postgresql a
// new PostgreSQL.
inline std::string newDatabaseUrl(const TempDir& dir) {
    const char* const wanted = std::getenv("SIGNALBOX_TEST_DATABASE");
    const bool is_postgres = wanted != nullptr && std::string_view(wanted) == "postgresql";
    return is_postgres ? PostgresServer::instance().createDatabase() : dir.sqliteUrl();
}

// A new empty database, opened as a store.
class TestDatabase {
public:
    explicit TestDatabase(DatabaseKind kind = DatabaseKind::Sqlite, StoreOptions options = {})
        : options_(std::move(options)) {
        options_.url = kind == DatabaseKind::Sqlite ? "sqlite://" + folder_.file("test.db")
                                                    : PostgresServer::instance().createDatabase();
        store_ = open();
    }

    Store& store() { return *store_; }
    const std::string& url() const { return options_.url; }
    std::string file() const { return folder_.file("test.db"); }

    void close() { store_.reset(); }
    void reopen() {
        close();
        store_ = open();
    }
    // One more daemon on the same database.
    std::unique_ptr<Store> open() const {
        auto opened = openStore(options_);
        if (!opened) throw std::runtime_error(opened.error().message);
        return *std::move(opened);
    }

private:
    TempFolder folder_;
    StoreOptions options_;
    std::unique_ptr<Store> store_;
};

}  // namespace signalbox
