#include "hub/audit/audit.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "hub/audit/audit_intents.h"
#include "hub/store/write_companion.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_database.h"

namespace signalbox {
namespace {

struct Fixture {
    explicit Fixture(DatabaseKind kind = DatabaseKind::Sqlite) : database(kind) {
        audit = std::make_unique<Audit>(database.store(), clock, folder.file("audit.heads"));
        const auto started = audit->start();
        BOOST_REQUIRE_MESSAGE(started.ok(), (started ? "" : started.error().message));
    }

    void record(Id org, const std::string& object) {
        AuditRow row;
        row.org = org;
        row.user = 5;
        row.action = "GET /api/v1/messages/{id}";
        row.object = object;
        row.status = 200;
        audit->record(std::move(row), R"({"id":")" + object + R"("})");
    }
    // What an intruder does who has the database: the triggers go first.
    void tamper(std::string_view sql) {
        for (const char* change : {"UPDATE", "DELETE"}) {
            const std::string drop = std::string("DROP TRIGGER IF EXISTS audit_no_") + change;
            BOOST_REQUIRE(database.store().writeAndWait([&](Tx& tx) { tx.exec(drop, {}); }).ok());
        }
        BOOST_REQUIRE(database.store().writeAndWait([&](Tx& tx) { tx.exec(sql, {}); }).ok());
    }
    AuditCheck check(Id org = 1) { return verifyAudit(database.store(), org, folder.file("audit.heads")); }

    TempFolder folder;
    FakeClock clock;
    TestDatabase database;
    std::unique_ptr<Audit> audit;
};

}  // namespace

BOOST_DATA_TEST_CASE(rows_are_chained_for_each_organization_and_found_by_who_and_what, databases(), kind) {
    Fixture fixture(kind);
    for (int i = 0; i < 50; ++i) fixture.record(i % 2 + 1, "msg_000000000000" + std::to_string(i % 10));

    BOOST_REQUIRE(fixture.audit->flush().ok());

    BOOST_TEST(fixture.check(1).is_whole);
    BOOST_TEST(fixture.check(1).rows == 25);
    BOOST_TEST(fixture.check(2).rows == 25);
    AuditFilter filter;
    filter.object = "msg_0000000000004";
    BOOST_TEST(fixture.audit->list(1, filter).items.size() == 5U);
    filter.user = 6;
    BOOST_TEST(fixture.audit->list(1, filter).items.empty());
    const AuditPage page = fixture.audit->list(1, {.limit = 10});
    BOOST_TEST(page.items.size() == 10U);
    BOOST_TEST(page.next.value_or(0) == 16);
    BOOST_TEST(fixture.audit->list(3, {}).items.empty());
}

BOOST_DATA_TEST_CASE(the_database_refuses_to_change_or_delete_a_row, databases(), kind) {
    Fixture fixture(kind);
    fixture.record(1, "msg_1");
    BOOST_REQUIRE(fixture.audit->flush().ok());

    for (const char* sql : {"UPDATE audit SET object = 'x'", "DELETE FROM audit"}) {
        const auto written = fixture.database.store().writeAndWait([&](Tx& tx) { tx.exec(sql, {}); });
        BOOST_TEST(!written.ok(), sql);
    }
    BOOST_TEST(fixture.check().is_whole);
}

BOOST_AUTO_TEST_CASE(a_changed_swapped_or_missing_row_shows) {
    for (const std::string_view sql :
         {"UPDATE audit SET object = 'other' WHERE seq = 7", "UPDATE audit SET user_id = 6 WHERE seq = 7",
          "UPDATE audit SET at = at + 1 WHERE seq = 7", "DELETE FROM audit WHERE seq = 7",
          "UPDATE audit SET seq = CASE seq WHEN 7 THEN 1007 ELSE 1008 END WHERE seq IN (7, 8)"}) {
        Fixture fixture;
        for (int i = 0; i < 20; ++i) fixture.record(1, "msg_" + std::to_string(i));
        BOOST_REQUIRE(fixture.audit->flush().ok());

        fixture.tamper(sql);

        BOOST_TEST(!fixture.check().is_whole, sql);
        BOOST_TEST(fixture.check().broken_at == 7, sql);
    }
}

BOOST_AUTO_TEST_CASE(cutting_off_the_end_shows_by_the_anchor_that_is_kept_elsewhere) {
    Fixture fixture;
    for (int i = 0; i < 20; ++i) fixture.record(1, "msg_" + std::to_string(i));
    fixture.audit->stop();  // anchors what there is

    fixture.tamper("DELETE FROM audit WHERE seq > 15");
    fixture.tamper("UPDATE audit_heads SET seq = 15, hash = (SELECT hash FROM audit WHERE seq = 15)");

    BOOST_TEST(!fixture.check().is_whole);
    BOOST_TEST(verifyAudit(fixture.database.store(), 1, "").is_whole);
}

BOOST_AUTO_TEST_CASE(ids_of_an_answer_are_noted_once) {
    BOOST_TEST(idsIn(R"({"items":[{"id":"msg_1","x":{"id":"per_2"}},{"id":"msg_1"},{"id":"no id"}]})") ==
               R"(["msg_1","per_2"])");
    BOOST_TEST(idsIn("") == "[]");
}

namespace {

void cutOffAndRecover(Fixture& fixture) {
    AuditRow row;
    row.org = 1;
    row.user = 5;
    row.action = "POST /api/v1/messages";
    const auto change = [&](std::int64_t intent) {
        row.intent = intent;
        WriteCompanion companion([&](Tx& tx) { noteIntent(tx, row, fixture.clock.now()); });
        BOOST_REQUIRE(fixture.database.store().writeAndWait([](Tx&) {}).ok());
        BOOST_REQUIRE(fixture.database.store().writeAndWait([](Tx&) {}).ok());
        BOOST_TEST(companion.isWritten());
    };
    change(11);  // its row is written as it should be
    BOOST_REQUIRE(fixture.audit->recordAndWait(row, "{}").ok());
    change(12);  // the process dies before that

    const auto recover = [&](std::chrono::minutes age) {
        return recoverIntents(fixture.database.store(), *fixture.audit, fixture.clock.now(), age);
    };
    BOOST_TEST(recover(std::chrono::minutes(10)) == 0u);  // may still be under way on another node
    fixture.clock.advance(std::chrono::minutes(11));
    BOOST_TEST(recover(std::chrono::minutes(10)) == 1u);
    BOOST_REQUIRE(fixture.audit->flush().ok());

    BOOST_TEST(recover(std::chrono::minutes(0)) == 0u);
    const Json items = fixture.audit->list(1, {}).items;
    BOOST_REQUIRE(items.size() == 2u);
    BOOST_TEST(textAt(items[0], "details").find("cut off before its answer") != std::string::npos);
    BOOST_TEST(numberAt(items[0], "status") == 0);
    BOOST_TEST(fixture.check().is_whole);
}

}  // namespace

BOOST_DATA_TEST_CASE(a_change_that_a_crash_cut_off_before_its_row_gets_one_at_the_next_start, databases(),
                     kind) {
    Fixture fixture(kind);
    cutOffAndRecover(fixture);
}

namespace {

void recoverTwice(Fixture& fixture) {
    AuditRow row;
    row.org = 1;
    row.action = "POST /api/v1/messages";
    row.intent = 31;
    BOOST_REQUIRE(fixture.database.store()
                      .writeAndWait([&](Tx& tx) { noteIntent(tx, row, fixture.clock.now()); })
                      .ok());

    fixture.audit->record(row, "");
    fixture.audit->record(row, "");
    BOOST_REQUIRE(fixture.audit->flush().ok());
    fixture.audit->record(row, "");
    BOOST_REQUIRE(fixture.audit->flush().ok());

    BOOST_TEST(fixture.audit->list(1, {}).items.size() == 1u);
    BOOST_TEST(fixture.check().is_whole);
}

}  // namespace

BOOST_DATA_TEST_CASE(what_two_nodes_find_of_one_crash_is_one_row, databases(), kind) {
    Fixture fixture(kind);
    recoverTwice(fixture);
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_takes_its_note_with_it) {
    Fixture fixture;
    AuditRow row;
    row.org = 1;
    row.intent = 21;
    WriteCompanion companion([&](Tx& tx) { noteIntent(tx, row, fixture.clock.now()); });

    BOOST_TEST(!fixture.database.store().writeAndWait([](Tx& tx) { tx.exec("NO SUCH STATEMENT", {}); }).ok());

    BOOST_TEST(!companion.isWritten());
    BOOST_TEST(recoverIntents(fixture.database.store(), *fixture.audit, fixture.clock.now(),
                              std::chrono::minutes(-1)) == 0u);
}

}  // namespace signalbox
