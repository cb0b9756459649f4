// What is particular to PostgreSQL: it goes away and comes back, and other nodes write too.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "hub/store/postgres_errors.h"
#include "hub/store/postgres_text.h"
#include "tests/support/test_database.h"

namespace {

using namespace signalbox;
using namespace std::string_literals;
using namespace std::chrono_literals;

boost::test_tools::assertion_result isThere(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result there(PostgresServer::isInstalled());
    there.message() << "PostgreSQL is not installed";
    return there;
}

struct Fixture : TestDatabase {
    Fixture() : TestDatabase(DatabaseKind::Postgres) {
        BOOST_REQUIRE(write("CREATE TABLE t (id BIGINT PRIMARY KEY, x TEXT, b BYTEA)").ok());
    }
    Status write(std::string_view sql, Values values = {}) {
        return store().writeAndWait([&](Tx& tx) { tx.exec(sql, values); });
    }
    Rows query(std::string_view sql, Values values = {}) {
        Rows rows;
        store().read([&](Reader& reader) { rows = reader.query(sql, values); });
        return rows;
    }
    std::int64_t number(std::string_view sql) { return query(sql).at(0).integer(0); }

    bool becomesHealthy() {
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (!store().health() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
        return store().health().ok();
    }
};

BOOST_AUTO_TEST_SUITE(postgres, *boost::unit_test::precondition(isThere))

BOOST_AUTO_TEST_CASE(while_the_server_is_away_writes_are_refused_and_afterwards_all_works_again) {
    Fixture fixture;
    auto& server = PostgresServer::instance();
    BOOST_REQUIRE(fixture.write("INSERT INTO t (id) VALUES (1)").ok());
    BOOST_REQUIRE(fixture.number("SELECT COUNT(*) FROM t") == 1);

    server.kill();
    const auto refused = fixture.write("INSERT INTO t (id) VALUES (2)");
    const auto health = fixture.store().health();
    BOOST_CHECK_EXCEPTION(fixture.number("SELECT COUNT(*) FROM t"), StoreError, [](const StoreError& error) {
        return error.kind == StoreError::Kind::Disconnected;
    });
    server.start();

    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().kind == ErrorKind::Unavailable));
    BOOST_REQUIRE(!health);
    BOOST_TEST(health.error().code == "store_disconnected");
    BOOST_TEST(fixture.becomesHealthy());
    BOOST_TEST(fixture.write("INSERT INTO t (id) VALUES (3)").ok());
    BOOST_TEST(fixture.number("SELECT COUNT(*) FROM t") == 2);
}

BOOST_AUTO_TEST_CASE(a_connection_that_broke_while_idle_is_not_noticed_by_anyone) {
    Fixture fixture;
    BOOST_REQUIRE(fixture.number("SELECT COUNT(*) FROM t") == 0);
    {
        const auto other = fixture.open();
        other->read([](Reader& reader) {
            reader.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND "
                "pid <> pg_backend_pid()");
        });
    }

    BOOST_TEST(fixture.write("INSERT INTO t (id) VALUES (1)").ok());
    BOOST_TEST(fixture.number("SELECT COUNT(*) FROM t") == 1);
    BOOST_TEST(fixture.store().health().ok());
}

BOOST_AUTO_TEST_CASE(offsets_of_two_nodes_have_no_gaps_and_no_twins) {
    Fixture fixture;
    const auto other = fixture.open();
    constexpr std::int64_t kEach = 300;
    std::atomic<std::int64_t> refused = 0;
    const auto append = [&](Store& store) {
        for (int i = 0; i < kEach; ++i) {
            const bool is_bad = i % 10 == 5;
            const auto status = store.writeAndWait([&](Tx& tx) {
                tx.exec("INSERT INTO t (id) VALUES ($1)", {tx.nextOffset()});
                if (is_bad) throw std::runtime_error("no");
            });
            refused += !status;
        }
    };

    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&, i] { append(i % 2 == 0 ? fixture.store() : *other); });
    for (auto& thread : threads) thread.join();

    BOOST_TEST(refused == 4 * kEach / 10);
    BOOST_TEST(fixture.number("SELECT COUNT(*) FROM t") == 4 * kEach * 9 / 10);
    BOOST_TEST(fixture.number("SELECT MAX(id) FROM t") == 4 * kEach * 9 / 10);
}

BOOST_AUTO_TEST_CASE(nodes_in_a_deadlock_both_get_through) {
    Fixture fixture;
    const auto other = fixture.open();
    BOOST_REQUIRE(fixture.write("INSERT INTO t (id, x) VALUES (1, ''), (2, '')").ok());
    std::atomic<bool> has_first = false, has_second = false;
    const auto cross = [](Store& store, std::int64_t mine, std::int64_t theirs, std::atomic<bool>& me,
                          const std::atomic<bool>& them) {
        return store.writeAndWait([&, mine, theirs](Tx& tx) {
            tx.exec("UPDATE t SET x = x || 'a' WHERE id = $1", {mine});
            me = true;
            while (!them) std::this_thread::yield();
            tx.exec("UPDATE t SET x = x || 'b' WHERE id = $1", {theirs});
        });
    };

    std::optional<Status> second;
    std::thread thread([&] { second = cross(*other, 2, 1, has_second, has_first); });
    const auto first = cross(fixture.store(), 1, 2, has_first, has_second);
    thread.join();

    BOOST_TEST(first.ok());
    BOOST_TEST(second->ok());
    BOOST_TEST(fixture.number("SELECT SUM(LENGTH(x)) FROM t") == 4);
}

BOOST_AUTO_TEST_CASE(text_that_it_would_refuse_is_repaired_and_blobs_are_left_alone) {
    Fixture fixture;
    const auto bad = "a\0b\xff"s;

    BOOST_TEST(fixture.write("INSERT INTO t VALUES (1, $1, $2)", {std::string_view(bad), Blob{bad}}).ok());

    const auto rows = fixture.query("SELECT x, b FROM t");
    BOOST_TEST(rows[0].text(0) ==
               "a\xef\xbf\xbd"
               "b\xef\xbf\xbd");
    BOOST_TEST(rows[0].text(1) == bad);
}

BOOST_AUTO_TEST_CASE(numbers_of_every_column_type_are_numbers) {
    Fixture fixture;

    const auto rows = fixture.query(
        "SELECT 1::smallint, 2::int, SUM(3::bigint), 4.5::real, AVG(5), true, $1 + 1, COALESCE($2, "
        "7::bigint), 2.5::numeric",
        {std::int64_t{5'000'000'000}, nullptr});

    BOOST_TEST(rows[0].integer(0) == 1);
    BOOST_TEST(rows[0].integer(1) == 2);
    BOOST_TEST(rows[0].integer(2) == 3);
    BOOST_TEST(rows[0].real(3) == 4.5);
    BOOST_TEST(rows[0].real(4) == 5.0);
    BOOST_TEST(rows[0].integer(5) == 1);
    BOOST_TEST(rows[0].integer(6) == 5'000'000'001);
    BOOST_TEST(rows[0].integer(7) == 7);
    BOOST_TEST(rows[0].real(8) == 2.5);
}

BOOST_AUTO_TEST_CASE(a_commit_waits_for_the_disk_even_where_the_database_says_otherwise) {
    Fixture fixture;
    BOOST_REQUIRE(
        fixture
            .write(
                "DO 'BEGIN EXECUTE ''ALTER DATABASE '' || current_database() || '' SET synchronous_commit = "
                "off''; END'")
            .ok());
    fixture.reopen();
    std::string setting;

    const auto read = fixture.store().writeAndWait(
        [&](Tx& tx) { setting = tx.query("SHOW synchronous_commit", {}).at(0).text(0); });

    BOOST_TEST(read.ok());
    BOOST_TEST(setting == "on");
}

BOOST_AUTO_TEST_CASE(more_statements_than_are_kept_still_work) {
    Fixture fixture;
    int wrong = 0;

    fixture.store().read([&](Reader& reader) {
        for (int i = 0; i < 1500; ++i)
            wrong += reader.query("SELECT " + std::to_string(i))[0].integer(0) != i;
    });

    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(a_server_that_cannot_be_reached_is_named_without_the_password) {
    const TempFolder nobody;

    const auto opened = openStore({.url = "postgresql://hub:hunter2@/x?host=" + nobody.path().string()});

    BOOST_REQUIRE(!opened);
    BOOST_TEST((opened.error().kind == ErrorKind::Unavailable));
    BOOST_TEST(opened.error().message.find(nobody.path().string()) != std::string::npos);
    BOOST_TEST(opened.error().message.find("hunter2") == std::string::npos);
    BOOST_TEST(opened.error().message.find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(only_well_formed_text_without_nul_is_storable) {
    for (const auto& good :
         {""s, "abcdefghijklmnop"s, "grüß dich 👋 ok"s, "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"s})
        BOOST_TEST(store::isStorableText(good));
    for (const auto& bad : {"\0"s, "abcdefg\0hijklmn"s, "abcdefghi\xff"s, "\xc0\x80"s, "\xed\xa0\x80"s,
                            "\xe0\x80\x80"s, "\xf0\x80\x80\x80"s, "\xf4\x90\x80\x80"s,
                            "\xf8\x88\x80\x80\x80"s, "\xc3"s, "\xe2\x82"s, "\x80"s, "\xc3\x28"s})
        BOOST_TEST(!store::isStorableText(bad));
}

BOOST_AUTO_TEST_CASE(repaired_text_is_storable_and_keeps_what_was_good) {
    BOOST_TEST(store::storableText("ok\xc3") == "ok\xef\xbf\xbd");
    BOOST_TEST(store::storableText("\xc3(") == "\xef\xbf\xbd(");
    for (int a = 0; a < 256; ++a)
        for (int b = 0; b < 256; ++b) {
            const std::string text = {'x', static_cast<char>(a), static_cast<char>(b), 'y'};
            const auto repaired = store::storableText(text);
            if (!store::isStorableText(repaired) || (store::isStorableText(text) && repaired != text))
                BOOST_ERROR("bytes " << a << " " << b);
        }
}

BOOST_AUTO_TEST_CASE(error_codes_tell_what_to_do_next) {
    using Kind = StoreError::Kind;
    const std::pair<const char*, Kind> codes[] = {
        {"23505", Kind::Constraint},   {"40001", Kind::Contended},    {"40P01", Kind::Contended},
        {"53100", Kind::Full},         {"57P01", Kind::Disconnected}, {"08006", Kind::Disconnected},
        {"25P03", Kind::Disconnected}, {"", Kind::Disconnected},      {"57014", Kind::Busy},
        {"55P03", Kind::Busy},         {"XX001", Kind::Corrupt},      {"58030", Kind::Io},
        {"42601", Kind::Statement},    {"08P01", Kind::Statement}};
    for (const auto& [code, kind] : codes) BOOST_TEST((store::kindOfSqlState(code) == kind), code);
}

}  // namespace
