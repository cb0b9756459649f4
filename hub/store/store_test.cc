// What Store promises, on every database.
#include "hub/store/store.h"
#include "hub/store/node_number.h"

#include <atomic>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <latch>
#include <limits>
#include <set>
#include <thread>

#include "hub/store/urgent_writes.h"
#include "tests/support/test_database.h"

namespace {

using namespace signalbox;
using namespace std::string_literals;
using namespace std::chrono_literals;

constexpr std::string_view kTable =
    "CREATE TABLE things (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)";
constexpr std::string_view kInsert = "INSERT INTO things (id, name) VALUES ($1, $2)";

struct Fixture : TestDatabase {
    explicit Fixture(DatabaseKind kind, StoreOptions options = {}) : TestDatabase(kind, std::move(options)) {
        BOOST_REQUIRE(store().writeAndWait([](Tx& tx) { tx.exec(kTable, {}); }).ok());
    }

    Status insert(std::int64_t id, const std::string& name = "thing") {
        return store().writeAndWait([id, name](Tx& tx) { tx.exec(kInsert, {id, name}); });
    }
    Rows query(std::string_view sql, Values values = {}) {
        Rows rows;
        store().read([&](Reader& reader) { rows = reader.query(sql, values); });
        return rows;
    }
    std::int64_t number(std::string_view sql) { return query(sql).at(0).integer(0); }

    // Keeps the writer thread busy, so that what is written meanwhile becomes one group. Run it to let go.
    [[nodiscard]] std::function<void()> holdWriter() {
        auto held = std::make_shared<std::latch>(1);
        auto reached = std::make_shared<std::latch>(1);
        store().write([](Tx&) {},
                      [held, reached](const Status&) {
                          reached->count_down();
                          held->wait();
                      });
        reached->wait();
        return [held] { held->count_down(); };
    }
};

bool isKind(const Status& status, ErrorKind kind) {
    return !status && status.error().kind == kind;
}

BOOST_DATA_TEST_CASE(what_was_written_is_read_back, databases(), kind) {
    Fixture fixture(kind);

    BOOST_TEST(fixture.insert(7, "seven").ok());

    const auto rows = fixture.query("SELECT name, id FROM things WHERE id = $1", {std::int64_t{7}});
    BOOST_REQUIRE(rows.size() == 1u);
    BOOST_TEST(rows[0].text(0) == "seven");
    BOOST_TEST(rows[0].integer(1) == 7);
}

BOOST_DATA_TEST_CASE(values_of_each_type_come_back_unchanged, databases(), kind) {
    Fixture fixture(kind);
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    const auto lowest = std::numeric_limits<std::int64_t>::min();

    const auto written = fixture.store().writeAndWait([&](Tx& tx) {
        const bool is_sqlite = kind == DatabaseKind::Sqlite;
        tx.exec(is_sqlite ? "CREATE TABLE v (i BIGINT, r DOUBLE PRECISION, t TEXT, b BLOB, n BIGINT)"
                          : "CREATE TABLE v (i BIGINT, r DOUBLE PRECISION, t TEXT, b BYTEA, n BIGINT)",
                {});
        tx.exec("INSERT INTO v VALUES ($1, $2, $3, $4, $5)",
                {lowest, 0.1, std::string_view("grüß 👋"), Blob{bytes}, nullptr});
        tx.exec("INSERT INTO v VALUES ($1, $2, $3, $4, $5)",
                {std::int64_t{0}, -1e300, std::string_view(), Blob{}, nullptr});
    });

    BOOST_REQUIRE(written.ok());
    const auto rows = fixture.query("SELECT i, r, t, b, n FROM v ORDER BY i");
    BOOST_REQUIRE(rows.size() == 2u);
    BOOST_TEST(rows[0].integer(0) == lowest);
    BOOST_TEST(rows[0].real(1) == 0.1);
    BOOST_TEST(rows[0].text(2) == "grüß 👋");
    BOOST_TEST(rows[0].text(3) == bytes);
    BOOST_TEST(rows[0].isNull(4));
    BOOST_TEST(rows[1].real(1) == -1e300);
    BOOST_TEST(!rows[1].isNull(2));
    BOOST_TEST(!rows[1].isNull(3));
    BOOST_TEST(rows[1].text(3) == "");
}

BOOST_DATA_TEST_CASE(placeholders_may_repeat_and_come_in_any_order, databases(), kind) {
    Fixture fixture(kind);

    const auto written = fixture.store().writeAndWait([](Tx& tx) {
        tx.exec("INSERT INTO things (name, id) VALUES ($2, $1)", {std::int64_t{1}, std::string_view("a")});
        tx.exec("UPDATE things SET name = name || $2 || $2 WHERE id = $1 OR id = $1",
                {std::int64_t{1}, std::string_view("b")});
    });

    BOOST_TEST(written.ok());
    BOOST_TEST(fixture.query("SELECT name FROM things")[0].text(0) == "abb");
}

BOOST_DATA_TEST_CASE(a_wrong_number_of_values_is_refused, databases(), kind) {
    Fixture fixture(kind);

    const auto few = fixture.store().writeAndWait([](Tx& tx) { tx.exec(kInsert, {std::int64_t{1}}); });
    const auto many = fixture.store().writeAndWait([](Tx& tx) {
        tx.exec(kInsert, {std::int64_t{1}, std::string_view("a"), nullptr});
    });

    BOOST_TEST(isKind(few, ErrorKind::Invalid));
    BOOST_TEST(isKind(many, ErrorKind::Invalid));
}

BOOST_DATA_TEST_CASE(rows_changed_are_counted_and_returning_gives_rows, databases(), kind) {
    Fixture fixture(kind);
    std::vector<std::int64_t> changed;
    std::string returned;

    const auto written = fixture.store().writeAndWait([&](Tx& tx) {
        changed = {};
        const auto rows = tx.query("INSERT INTO things (id, name) VALUES ($1, $2) RETURNING name",
                                   {std::int64_t{1}, std::string_view("one")});
        returned = rows.at(0).text(0);
        changed.push_back(tx.exec(kInsert, {std::int64_t{2}, std::string_view("two")}));
        changed.push_back(tx.exec("UPDATE things SET name = 'x'", {}));
        changed.push_back(
            tx.exec("INSERT INTO things (id, name) VALUES (1, 'y') ON CONFLICT DO NOTHING", {}));
        changed.push_back(tx.exec("DELETE FROM things WHERE id = 9", {}));
        changed.push_back(tx.exec("SELECT id FROM things", {}));
    });

    BOOST_TEST(written.ok());
    BOOST_TEST(returned == "one");
    BOOST_TEST(changed == (std::vector<std::int64_t>{1, 2, 0, 0, 0}), boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(rows_can_be_taken_with_for_update_skip_locked, databases(), kind) {
    Fixture fixture(kind);
    BOOST_REQUIRE(fixture.insert(1).ok());
    std::int64_t taken = 0;

    const auto written = fixture.store().writeAndWait([&](Tx& tx) {
        taken =
            tx.query("SELECT id FROM things ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED", {}).at(0).integer(0);
    });

    BOOST_TEST(written.ok());
    BOOST_TEST(taken == 1);
}

BOOST_DATA_TEST_CASE(each_start_takes_the_next_node_number, databases(), kind) {
    Fixture fixture(kind);

    BOOST_TEST(*claimNodeNumber(fixture.store()) == 1U);
    BOOST_TEST(*claimNodeNumber(fixture.store()) == 2U);
    BOOST_REQUIRE(fixture.store()
                      .writeAndWait([](Tx& tx) { tx.exec("UPDATE node_numbers SET last = 1023", {}); })
                      .ok());
    BOOST_TEST(*claimNodeNumber(fixture.store()) == 0U);
}

BOOST_DATA_TEST_CASE(an_error_says_what_kind_it_is, databases(), kind) {
    Fixture fixture(kind);
    BOOST_REQUIRE(fixture.insert(1).ok());

    const auto twice = fixture.insert(1);
    const auto wrong = fixture.store().writeAndWait([](Tx& tx) { tx.exec("SELEC 1", {}); });
    const auto thrown =
        fixture.store().writeAndWait([](Tx&) { throw std::runtime_error("no such conversation"); });

    BOOST_TEST(isKind(twice, ErrorKind::Conflict));
    BOOST_TEST(isKind(wrong, ErrorKind::Invalid));
    BOOST_TEST(isKind(thrown, ErrorKind::Invalid));
    BOOST_TEST(thrown.error().message == "no such conversation");
}

BOOST_DATA_TEST_CASE(one_bad_job_takes_only_itself_down, databases(), kind) {
    Fixture fixture(kind);
    std::vector<std::string> told;
    const auto let_go = fixture.holdWriter();

    for (std::int64_t i = 0; i < 20; ++i) {
        const auto id = i == 13 ? 5 : i;
        fixture.store().write(
            [id](Tx& tx) {
                tx.exec("INSERT INTO things (id, name) VALUES (1000 + $1, 'twin')", {id});
                tx.exec(kInsert, {id, std::string_view("thing")});
            },
            [&told, i](const Status& status) {
                told.push_back(std::to_string(i) + (status ? "" : " refused"));
            });
    }
    let_go();
    fixture.store().close();

    std::vector<std::string> expected;
    for (int i = 0; i < 20; ++i) expected.push_back(std::to_string(i) + (i == 13 ? " refused" : ""));
    BOOST_TEST(told == expected, boost::test_tools::per_element());
    fixture.reopen();
    BOOST_TEST(fixture.number("SELECT COUNT(*) FROM things") == 38);
}

BOOST_DATA_TEST_CASE(an_error_that_a_job_swallows_still_fails_it, databases(), kind) {
    Fixture fixture(kind);
    BOOST_REQUIRE(fixture.insert(1).ok());

    const auto status = fixture.store().writeAndWait([](Tx& tx) {
        tx.exec(kInsert, {std::int64_t{2}, std::string_view("kept?")});
        try {
            tx.exec(kInsert, {std::int64_t{1}, std::string_view("twin")});
        } catch (const StoreError&) {
        }
    });

    BOOST_TEST(isKind(status, ErrorKind::Conflict));
    BOOST_TEST(fixture.number("SELECT COUNT(*) FROM things") == 1);
}

BOOST_DATA_TEST_CASE(listeners_hear_of_commits_after_done_and_of_each_roll_back, databases(), kind) {
    Fixture fixture(kind);
    std::vector<std::string> heard;
    auto& store = fixture.store();
    store.onCommitted([&] { heard.push_back("committed"); });
    store.onRollback([&] { heard.push_back("rolled back"); });
    auto let_go = fixture.holdWriter();
    const auto job = [&](std::int64_t id) {
        store.write(
            [&heard, id](Tx& tx) {
                heard.push_back("job " + std::to_string(id));
                tx.exec(kInsert, {id, std::string_view("x")});
            },
            [&heard, id](const Status& status) {
                heard.push_back((status ? "done " : "refused ") + std::to_string(id));
            });
    };

    job(1);
    job(1);
    job(2);
    let_go();
    store.close();

    const std::vector<std::string> expected = {"committed", "job 1",     "job 1",       "rolled back",
                                               "job 1",     "job 1",     "rolled back", "job 2",
                                               "done 1",    "refused 1", "done 2",      "committed"};
    BOOST_TEST(heard == expected, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(a_done_that_throws_does_not_keep_others_from_being_told, databases(), kind) {
    Fixture fixture(kind);
    bool told = false;

    fixture.store().write([](Tx&) {}, [](const Status&) { throw std::runtime_error("oops"); });
    fixture.store().write([](Tx&) {}, [&](const Status&) { told = true; });
    fixture.store().close();

    BOOST_TEST(told);
}

BOOST_DATA_TEST_CASE(offsets_have_no_gaps_whatever_fails, databases(), kind) {
    Fixture fixture(kind);
    constexpr int kThreads = 8, kEach = 50;
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;

    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kEach; ++i) {
                const bool is_bad = i % 7 == 3;
                const auto status = fixture.store().writeAndWait([&](Tx& tx) {
                    const auto offset = tx.nextOffset();
                    tx.exec(kInsert, {offset, std::string_view("event")});
                    if (is_bad) tx.exec(kInsert, {offset, std::string_view("twin")});
                    tx.exec(kInsert, {tx.nextOffset(), std::to_string(t)});
                });
                if (!status) ++refused;
            }
        });
    }
    for (auto& thread : threads) thread.join();

    const int good = kThreads * kEach - refused;
    BOOST_TEST(refused == kThreads * 7);
    BOOST_TEST(fixture.number("SELECT COUNT(*) FROM things") == 2 * good);
    BOOST_TEST(fixture.number("SELECT MIN(id) FROM things") == 1);
    BOOST_TEST(fixture.number("SELECT MAX(id) FROM things") == 2 * good);
    BOOST_TEST(fixture.number("SELECT next_offset FROM log_head") == 2 * good + 1);
}

BOOST_DATA_TEST_CASE(a_read_sees_one_moment, databases(), kind) {
    Fixture fixture(kind);
    std::vector<std::int64_t> counts;

    fixture.store().read([&](Reader& reader) {
        counts.push_back(reader.query("SELECT COUNT(*) FROM things")[0].integer(0));
        BOOST_REQUIRE(fixture.insert(1).ok());
        counts.push_back(reader.query("SELECT COUNT(*) FROM things")[0].integer(0));
    });
    counts.push_back(fixture.number("SELECT COUNT(*) FROM things"));

    BOOST_TEST(counts == (std::vector<std::int64_t>{0, 0, 1}), boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(a_reader_cannot_write, databases(), kind) {
    Fixture fixture(kind);

    BOOST_CHECK_THROW(fixture.query("DELETE FROM things"), StoreError);
    BOOST_CHECK_THROW(fixture.query("INSERT INTO things VALUES (1, 'a') RETURNING id"), StoreError);

    BOOST_TEST(fixture.number("SELECT COUNT(*) FROM things") == 0);
}

BOOST_DATA_TEST_CASE(a_read_that_takes_too_long_is_ended, databases(), kind) {
    Fixture fixture(kind, {.read_limit = 1s});
    const auto endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT "
        "COUNT(*) FROM n";

    BOOST_CHECK_EXCEPTION(fixture.query(endless), StoreError,
                          [](const StoreError& error) { return error.kind == StoreError::Kind::Busy; });

    BOOST_TEST(fixture.number("SELECT COUNT(*) FROM things") == 0);
}

BOOST_DATA_TEST_CASE(more_readers_than_connections_take_turns, databases(), kind) {
    Fixture fixture(kind, {.readers = 2});
    BOOST_REQUIRE(fixture.insert(1).ok());
    std::atomic<int> seen = 0;
    std::vector<std::thread> threads;

    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i)
                seen += static_cast<int>(fixture.number("SELECT COUNT(*) FROM things"));
        });
    for (auto& thread : threads) thread.join();

    BOOST_TEST(seen == 400);
}

BOOST_DATA_TEST_CASE(a_full_queue_refuses_at_once_on_the_callers_thread, databases(), kind) {
    Fixture fixture(kind, {.queue_capacity = 3});
    auto let_go = fixture.holdWriter();
    std::optional<Error> refused;
    std::thread::id told_on;
    int done = 0;

    for (int i = 0; i < 3; ++i) fixture.store().write([](Tx&) {}, [&](const Status& s) { done += s.ok(); });
    BOOST_TEST(fixture.store().queued() == 3u);
    fixture.store().write([](Tx&) {},
                          [&](const Status& status) {
                              refused = status.error();
                              told_on = std::this_thread::get_id();
                          });

    BOOST_REQUIRE(refused.has_value());
    BOOST_TEST((refused->kind == ErrorKind::Unavailable));
    BOOST_TEST((refused->retry_after == 1s));
    BOOST_TEST((told_on == std::this_thread::get_id()));
    let_go();
    fixture.store().close();
    BOOST_TEST(done == 3);
    BOOST_TEST(fixture.store().queued() == 0u);
}

BOOST_DATA_TEST_CASE(an_urgent_write_finds_room_in_a_full_queue, databases(), kind) {
    Fixture fixture(kind, {.queue_capacity = 3});
    auto let_go = fixture.holdWriter();
    int done = 0;
    const auto write = [&] { fixture.store().write([](Tx&) {}, [&](const Status& s) { done += s.ok(); }); };
    for (int i = 0; i < 3; ++i) write();

    {
        const UrgentWrites urgent;
        write();
    }
    write();

    let_go();
    fixture.store().close();
    BOOST_TEST(done == 4);
}

BOOST_DATA_TEST_CASE(closing_finishes_what_is_queued_and_takes_nothing_more, databases(), kind) {
    Fixture fixture(kind);
    auto let_go = fixture.holdWriter();
    int done = 0;
    for (std::int64_t i = 0; i < 600; ++i)
        fixture.store().write(
            [i](Tx& tx) {
                tx.exec(kInsert, {i, std::string_view("late")});
            },
            [&](const Status& status) { done += status.ok(); });

    std::thread closer([&] { fixture.store().close(); });
    let_go();
    closer.join();
    fixture.store().close();

    BOOST_TEST(done == 600);
    BOOST_TEST(isKind(fixture.insert(1000), ErrorKind::Unavailable));
    BOOST_CHECK_THROW(fixture.query("SELECT 1"), StoreError);
    fixture.reopen();
    BOOST_TEST(fixture.number("SELECT COUNT(*) FROM things") == 600);
}

BOOST_DATA_TEST_CASE(the_writer_thread_never_waits_for_itself, databases(), kind) {
    Fixture fixture(kind);
    std::optional<Status> inner;

    const auto outer =
        fixture.store().writeAndWait([&](Tx&) { inner = fixture.store().writeAndWait([](Tx&) {}); });

    BOOST_TEST(outer.ok());
    BOOST_TEST(isKind(*inner, ErrorKind::Invalid));
}

BOOST_DATA_TEST_CASE(many_threads_write_and_read_at_once, databases(), kind) {
    Fixture fixture(kind);
    constexpr int kThreads = 16;
    const std::int64_t each = kind == DatabaseKind::Sqlite ? 200 : 50;
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;

    for (std::int64_t t = 0; t < kThreads; ++t)
        threads.emplace_back([&, t] {
            for (std::int64_t i = 0; i < each; ++i) {
                const auto id = t * each + i;
                if (!fixture.insert(id)) ++refused;
                const auto rows = fixture.query("SELECT id FROM things WHERE id = $1", {id});
                if (rows.size() != 1) ++refused;
            }
        });
    for (auto& thread : threads) thread.join();

    BOOST_TEST(refused == 0);
    BOOST_TEST(fixture.number("SELECT COUNT(*) FROM things") == kThreads * each);
}

BOOST_DATA_TEST_CASE(what_was_committed_is_there_after_reopening, databases(), kind) {
    Fixture fixture(kind);
    BOOST_REQUIRE(fixture.insert(1).ok());

    fixture.reopen();

    BOOST_TEST(fixture.number("SELECT COUNT(*) FROM things") == 1);
    BOOST_TEST(fixture.store().health().ok());
    BOOST_TEST(fixture.store().isExclusive() == (kind == DatabaseKind::Sqlite));
}

}  // namespace
