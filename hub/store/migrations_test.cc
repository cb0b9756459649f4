#include "hub/store/migrations.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <latch>
#include <thread>

#include "hub/store/postgres_connection.h"
#include "hub/store/sqlite_connection.h"
#include "tests/support/faulty_connection.h"
#include "tests/support/test_database.h"

namespace {

using namespace signalbox;
using embedded::TextFile;
using Files = std::vector<TextFile>;

const Files kTwo = {
    {"0001_first.sql", "CREATE TABLE a (x BIGINT); INSERT INTO a VALUES (1);"},
    {"0002_second.sql", "CREATE TABLE b (x BLOB); INSERT INTO a VALUES (2); CREATE INDEX b_x ON b (x);"}};

// An empty database, without any store.
struct Empty {
    explicit Empty(DatabaseKind kind_) : kind(kind_) {
        if (kind == DatabaseKind::Postgres) url = PostgresServer::instance().createDatabase();
    }
    std::unique_ptr<store::Connection> connect() const {
        if (kind == DatabaseKind::Sqlite) return store::openSqlite({file()}, store::Access::Write);
        return store::openPostgres({std::get<store::PostgresUrl>(*store::parseDatabaseUrl(url))},
                                   store::Access::Write);
    }
    std::string file() const { return folder.file("test.db"); }

    DatabaseKind kind;
    TempFolder folder;
    std::string url;
};

std::int64_t rowsOfA(store::Connection& connection) {
    return connection.query("SELECT COUNT(*) FROM a", {})[0].integer(0);
}

BOOST_DATA_TEST_CASE(each_migration_is_applied_once_and_recorded, databases(), kind) {
    Empty empty(kind);
    const auto connection = empty.connect();

    BOOST_REQUIRE(store::migrate(*connection, std::span(kTwo).first(1)).ok());
    BOOST_REQUIRE(store::migrate(*connection, kTwo).ok());
    BOOST_REQUIRE(store::migrate(*connection, kTwo).ok());

    BOOST_TEST(rowsOfA(*connection) == 2);
    const auto records = connection->query(
        "SELECT version, name, sha256, applied_at FROM schema_migrations ORDER BY version", {});
    BOOST_REQUIRE(records.size() == 2u);
    BOOST_TEST(records[1].integer(0) == 2);
    BOOST_TEST(records[1].text(1) == "0002_second.sql");
    BOOST_TEST(records[1].text(2).size() == 64u);
    BOOST_TEST(records[1].integer(3) > 0);
}

BOOST_DATA_TEST_CASE(a_database_newer_than_the_program_is_refused_naming_both, databases(), kind) {
    Empty empty(kind);
    const auto connection = empty.connect();
    BOOST_REQUIRE(store::migrate(*connection, kTwo).ok());

    const auto refused = store::migrate(*connection, std::span(kTwo).first(1));

    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().kind == ErrorKind::Conflict));
    BOOST_TEST(refused.error().message.find("schema 2") != std::string::npos);
    BOOST_TEST(refused.error().message.find("schema 1") != std::string::npos);
}

BOOST_DATA_TEST_CASE(an_applied_migration_whose_text_changed_is_refused_by_name, databases(), kind) {
    Empty empty(kind);
    const auto connection = empty.connect();
    BOOST_REQUIRE(store::migrate(*connection, kTwo).ok());
    Files changed = kTwo;
    changed[0].text = "CREATE TABLE a (x BIGINT);";

    const auto refused = store::migrate(*connection, changed);

    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().kind == ErrorKind::Conflict));
    BOOST_TEST(refused.error().message.find("0001_first.sql") != std::string::npos);
}

BOOST_DATA_TEST_CASE(a_migration_that_fails_leaves_nothing_of_itself, databases(), kind) {
    Empty empty(kind);
    const auto connection = empty.connect();
    Files wrong = kTwo;
    wrong[1].text = "INSERT INTO a VALUES (2); CREATE TABLE b (x BIGINT); SELECT nothing FROM nowhere;";

    BOOST_CHECK_THROW((void)store::migrate(*connection, wrong), StoreError);

    BOOST_TEST(rowsOfA(*connection) == 1);
    BOOST_TEST(store::migrate(*connection, kTwo).ok());
    BOOST_TEST(rowsOfA(*connection) == 2);
}

BOOST_AUTO_TEST_CASE(misnumbered_files_are_refused) {
    Empty empty(DatabaseKind::Sqlite);
    const auto connection = empty.connect();

    for (const auto* name : {"0003_third.sql", "0001_again.sql", "two.sql", "0002-dash.sql"}) {
        Files files = {kTwo[0], {name, "SELECT 1"}};
        BOOST_TEST(!store::migrate(*connection, files).ok(), name);
    }
}

// The files as they lie on the disk at the moment of a kill.
void copyDatabase(const std::string& from, const std::string& to) {
    for (const auto* part : {"", "-wal"})
        if (std::filesystem::exists(from + part))
            std::filesystem::copy_file(from + part, to + part,
                                       std::filesystem::copy_options::overwrite_existing);
}

BOOST_AUTO_TEST_CASE(a_kill_at_any_moment_of_a_migration_is_made_good_at_the_next_start) {
    int moments = 0;
    for (bool was_killed = true; was_killed; ++moments) {
        Empty empty(DatabaseKind::Sqlite);
        const auto copy = empty.folder.file("copy.db");
        was_killed = false;
        int calls = 0;
        FaultyConnection dying(empty.connect(), [&](std::string_view) {
            if (was_killed || calls++ < moments) return;
            was_killed = true;
            copyDatabase(empty.file(), copy);
        });
        BOOST_REQUIRE(store::migrate(dying, kTwo).ok());
        if (!was_killed) break;

        const auto after = store::openSqlite({copy}, store::Access::Write);

        BOOST_TEST(store::migrate(*after, kTwo).ok(), "killed before call " << moments);
        BOOST_TEST(rowsOfA(*after) == 2, "killed before call " << moments);
    }
    BOOST_TEST(moments > 15);
}

BOOST_AUTO_TEST_CASE(daemons_that_start_at_once_migrate_once) {
    if (!PostgresServer::isInstalled()) return;
    Empty empty(DatabaseKind::Postgres);
    constexpr int kDaemons = 6;
    std::latch together(kDaemons);
    std::atomic<int> started = 0;
    std::vector<std::thread> daemons;

    for (int i = 0; i < kDaemons; ++i)
        daemons.emplace_back([&] {
            StoreOptions options{.url = empty.url};
            together.arrive_and_wait();
            if (openStore(options)) ++started;
        });
    for (auto& daemon : daemons) daemon.join();

    BOOST_TEST(started == kDaemons);
    const auto rows = empty.connect()->query("SELECT COUNT(*) FROM log_head", {});
    BOOST_TEST(rows[0].integer(0) == 1);
}

}  // namespace
