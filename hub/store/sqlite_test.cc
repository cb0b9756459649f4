// What is particular to SQLite: its settings, its log, its file, and a full disk.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>
#include <thread>

#include "hub/store/sqlite_connection.h"
#include "tests/support/test_database.h"

namespace {

using namespace signalbox;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string readFile(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

Result<std::unique_ptr<Store>> openFile(const std::string& path) {
    return openStore({.url = "sqlite://" + path});
}

std::string errorOf(const std::string& path) {
    const auto opened = openFile(path);
    return opened ? "" : opened.error().message;
}

Rows query(Store& store, std::string_view sql) {
    Rows rows;
    store.read([&](Reader& reader) { rows = reader.query(sql); });
    return rows;
}

bool becomesHealthy(const Store& store) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (!store.health() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return store.health().ok();
}

BOOST_AUTO_TEST_CASE(a_second_daemon_is_told_who_holds_the_database) {
    TestDatabase database;

    const auto refused = openFile(database.file());

    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().kind == ErrorKind::Conflict));
    BOOST_TEST(refused.error().message.find("process " + std::to_string(::getpid())) != std::string::npos);
    database.close();
    BOOST_TEST(openFile(database.file()).ok());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_is_named_with_the_reason) {
    const TempFolder folder;
    std::ofstream(folder.file("letter.txt")) << std::string(4096, 'x');
    fs::create_directory(folder.file("folder"));

    BOOST_TEST(errorOf(folder.file("missing/x.db")).find("create it") != std::string::npos);
    BOOST_TEST(errorOf(folder.file("letter.txt")).find("not a database") != std::string::npos);
    BOOST_TEST(errorOf(folder.file("folder")).find("cannot open") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(only_the_owner_may_read_the_files) {
    TestDatabase database;
    BOOST_REQUIRE(
        database.store().writeAndWait([](Tx& tx) { tx.exec("CREATE TABLE t (x BIGINT)", {}); }).ok());

    for (const auto* part : {"", "-wal", "-shm", ".lock"}) {
        struct stat info {};
        BOOST_REQUIRE(::stat((database.file() + part).c_str(), &info) == 0);
        BOOST_TEST((info.st_mode & 077) == 0u, part);
    }
}

BOOST_AUTO_TEST_CASE(the_settings_that_keep_data_safe_are_on) {
    TestDatabase database;
    const std::pair<const char*, const char*> wanted[] = {
        {"journal_mode", "wal"},     {"synchronous", "2"},
        {"wal_autocheckpoint", "0"}, {"journal_size_limit", "67108864"},
        {"foreign_keys", "1"},       {"secure_delete", "1"},
        {"cell_size_check", "1"},    {"temp_store", "2"},
        {"mmap_size", "0"},          {"busy_timeout", "5000"}};
    const auto text = [](const Row& row) {
        try {
            return row.text(0);
        } catch (const StoreError&) {
            return std::to_string(row.integer(0));
        }
    };

    const auto written = database.store().writeAndWait([&](Tx& tx) {
        for (const auto& [name, value] : wanted)
            BOOST_TEST(text(tx.query("PRAGMA " + std::string(name), {}).at(0)) == value, name);
    });

    BOOST_TEST(written.ok());
    BOOST_TEST(query(database.store(), "PRAGMA query_only")[0].integer(0) == 1);
    BOOST_TEST(query(database.store(), "PRAGMA wal_autocheckpoint")[0].integer(0) == 0);
}

BOOST_AUTO_TEST_CASE(foreign_keys_are_enforced) {
    TestDatabase database;

    const auto orphan = database.store().writeAndWait([](Tx& tx) {
        tx.exec(
            "INSERT INTO accounts (id, org, name, type, channel, changed_at) VALUES (1, 99, 'a', 'b', 'c', "
            "0)",
            {});
    });

    BOOST_REQUIRE(!orphan);
    BOOST_TEST((orphan.error().kind == ErrorKind::Conflict));
}

BOOST_AUTO_TEST_CASE(what_was_deleted_is_gone_from_the_file) {
    TestDatabase database;
    const std::string secret = "the-text-that-must-go-0123456789";
    const auto write = [&](std::string_view sql, Values values) {
        BOOST_REQUIRE(database.store().writeAndWait([&](Tx& tx) { tx.exec(sql, values); }).ok());
    };
    write("CREATE TABLE t (x TEXT)", {});
    write("INSERT INTO t VALUES ($1)", {std::string_view(secret)});
    database.reopen();
    BOOST_REQUIRE(readFile(database.file()).find(secret) != std::string::npos);

    write("DELETE FROM t", {});
    database.close();

    BOOST_TEST(readFile(database.file()).find(secret) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_was_acknowledged_is_in_the_files_at_once) {
    TestDatabase database;
    const TempFolder other;
    BOOST_REQUIRE(
        database.store().writeAndWait([](Tx& tx) { tx.exec("CREATE TABLE t (x BIGINT)", {}); }).ok());
    for (int i = 0; i < 20; ++i)
        BOOST_REQUIRE(
            database.store().writeAndWait([](Tx& tx) { tx.exec("INSERT INTO t VALUES (1)", {}); }).ok());

    for (const auto* part : {"", "-wal"}) fs::copy_file(database.file() + part, other.file("copy.db") + part);

    auto after_crash = openFile(other.file("copy.db"));
    BOOST_REQUIRE(after_crash.ok());
    BOOST_TEST(query(**after_crash, "SELECT COUNT(*) FROM t")[0].integer(0) == 20);
}

BOOST_AUTO_TEST_CASE(the_log_stays_small_under_load_and_is_emptied_when_idle) {
    const TempFolder folder;
    const auto connection = store::openSqlite({folder.file("test.db")}, store::Access::Write);
    const auto log = folder.file("test.db-wal");
    const std::string body(512 * 1024, 'x');
    const Value values[] = {Blob{body}};
    connection->runOnce("CREATE TABLE t (x BLOB)");
    std::uintmax_t largest = 0;

    for (int i = 0; i < 160; ++i) {  // 80 MiB
        connection->begin();
        connection->exec("INSERT INTO t VALUES ($1)", values);
        connection->commit();
        connection->housekeep(0ms);
        largest = std::max(largest, fs::file_size(log));
    }

    BOOST_TEST(largest < 20u * 1024 * 1024);
    connection->housekeep(6s);
    BOOST_TEST(fs::file_size(log) == 0u);
}

BOOST_AUTO_TEST_CASE(a_reader_of_an_old_moment_does_not_let_the_log_grow_for_ever) {
    const TempFolder folder;
    const store::SqliteOptions options{folder.file("test.db")};
    const auto connection = store::openSqlite(options, store::Access::Write);
    const std::string body(1024 * 1024, 'x');
    const Value values[] = {Blob{body}};
    connection->runOnce("CREATE TABLE t (x BLOB)");
    std::uintmax_t largest = 0;
    const auto writeMebibytes = [&](int count) {
        for (int i = 0; i < count; ++i) {
            connection->begin();
            connection->exec("INSERT INTO t VALUES ($1)", values);
            connection->commit();
            connection->housekeep(0ms);
            largest = std::max(largest, fs::file_size(options.path + "-wal"));
        }
    };
    const auto reader = store::openSqlite(options, store::Access::Read);
    reader->beginReading();
    reader->query("SELECT COUNT(*) FROM t", {});

    writeMebibytes(60);
    BOOST_TEST(largest > 50u * 1024 * 1024);  // the reader still sees its moment
    BOOST_TEST(reader->query("SELECT COUNT(*) FROM t", {})[0].integer(0) == 0);
    reader->rollback();
    writeMebibytes(60);

    BOOST_TEST(largest < 100u * 1024 * 1024);
}

BOOST_AUTO_TEST_CASE(more_statements_than_are_kept_still_work) {
    TestDatabase database;
    int wrong = 0;

    database.store().read([&](Reader& reader) {
        for (int i = 0; i < 2500; ++i)
            wrong += reader.query("SELECT " + std::to_string(i))[0].integer(0) != i;
    });

    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(foreign_placeholders_and_several_statements_are_refused) {
    TestDatabase database;

    for (const auto* sql :
         {"SELECT ?", "SELECT ?1", "SELECT :name", "SELECT $name", "SELECT 1; SELECT 2", "", "-- nothing"})
        BOOST_CHECK_EXCEPTION(query(database.store(), sql), StoreError, [](const StoreError& error) {
            return error.kind == StoreError::Kind::Statement;
        });
}

// Fills `store` until it refuses. The rows that were acknowledged.
std::int64_t fill(Store& store) {
    const std::string body(64 * 1024, 'x');
    for (std::int64_t rows = 0; rows < 10'000; ++rows) {
        const auto written =
            store.writeAndWait([&](Tx& tx) { tx.exec("INSERT INTO t VALUES ($1)", {Blob{body}}); });
        if (written) continue;
        BOOST_TEST((written.error().kind == ErrorKind::Unavailable));
        BOOST_TEST(written.error().code == "store_full");
        return rows;
    }
    return -1;
}

BOOST_AUTO_TEST_CASE(a_database_at_its_limit_refuses_writes_and_still_reads) {
    TestDatabase database;
    auto& store = database.store();
    const auto limit = [&](int pages) {
        return store.writeAndWait(
            [&](Tx& tx) { tx.query("PRAGMA max_page_count = " + std::to_string(pages), {}); });
    };
    BOOST_REQUIRE(store.writeAndWait([](Tx& tx) { tx.exec("CREATE TABLE t (x BLOB)", {}); }).ok());
    BOOST_REQUIRE(limit(500).ok());

    const auto rows = fill(store);

    BOOST_TEST(rows > 0);
    BOOST_TEST(query(store, "SELECT COUNT(*) FROM t")[0].integer(0) == rows);
    BOOST_REQUIRE(!store.health().ok());
    BOOST_TEST(store.health().error().code == "store_full");
}

class Tmpfs {
public:
    Tmpfs() : is_mounted_(::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=16m") == 0) {}
    ~Tmpfs() {
        if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
    }
    bool isMounted() const { return is_mounted_; }
    std::string file(const std::string& name) const { return folder_.file(name); }

private:
    TempFolder folder_;
    bool is_mounted_;
};

BOOST_AUTO_TEST_CASE(a_full_disk_refuses_writes_still_reads_loses_nothing_and_recovers_by_itself) {
    const Tmpfs disk;
    if (!disk.isMounted()) {
        BOOST_TEST_MESSAGE("left out: only root may mount a small disk");
        return;
    }
    auto opened = openFile(disk.file("test.db"));
    BOOST_REQUIRE(opened.ok());
    auto& store = **opened;
    BOOST_REQUIRE(store.writeAndWait([](Tx& tx) { tx.exec("CREATE TABLE t (x BLOB)", {}); }).ok());
    std::ofstream(disk.file("junk")) << std::string(10 << 20, 'x');

    const auto rows = fill(store);
    BOOST_TEST(rows > 0);
    BOOST_TEST(query(store, "SELECT COUNT(*) FROM t")[0].integer(0) == rows);
    BOOST_TEST(!store.health().ok());
    fs::remove(disk.file("junk"));

    BOOST_TEST(becomesHealthy(store));
    const auto written = store.writeAndWait([](Tx& tx) { tx.exec("INSERT INTO t VALUES (NULL)", {}); });
    BOOST_TEST(written.ok());
    opened->reset();
    opened = openFile(disk.file("test.db"));
    BOOST_REQUIRE(opened.ok());
    BOOST_TEST(query(**opened, "SELECT COUNT(*) FROM t")[0].integer(0) == rows + 1);
    BOOST_TEST(query(**opened, "PRAGMA integrity_check")[0].text(0) == "ok");
}

}  // namespace
