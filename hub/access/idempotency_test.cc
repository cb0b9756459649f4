#include "hub/access/idempotency.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/test_database.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;

struct KeyFixture {
    explicit KeyFixture(DatabaseKind kind) : db(kind) { caller.org = 1, caller.token = 7; }
    ~KeyFixture() { db.store().close(); }

    // 0: the key is ours, do the work.
    int begin(const std::string& key = "k", const std::string& fingerprint = "f") {
        const auto begun = keys.begin(caller, key, fingerprint, Secret("s"));
        BOOST_REQUIRE(begun.ok());
        return *begun ? (*begun)->status : 0;
    }
    std::string codeOf(const std::string& key = "k") {
        const auto begun = keys.begin(caller, key, "f", Secret("s"));
        return begun && *begun ? textAt(*parseJson((*begun)->body), "code") : "none";
    }
    void work(const std::string& key = "k") {
        BOOST_REQUIRE(db.store().writeAndWait([&](Tx& tx) { keys.noteWork(tx, caller, key); }).ok());
    }

    TestDatabase db;
    FakeClock clock;
    Idempotency keys{db.store(), clock};
    Caller caller;
};

}  // namespace

BOOST_DATA_TEST_CASE(the_first_answer_is_given_again, data::make(databases()), kind) {
    KeyFixture fixture(kind);
    BOOST_TEST(fixture.begin() == 0);
    BOOST_TEST(fixture.codeOf() == "idempotency_in_progress");
    fixture.work();
    BOOST_TEST(fixture.codeOf() == "idempotency_in_progress");
    fixture.keys.finish(fixture.caller, "k", {201, {}, "{}"});

    BOOST_TEST(fixture.begin() == 201);
    BOOST_TEST(fixture.begin("k", "another request") == 422);
}

BOOST_DATA_TEST_CASE(what_a_crash_cut_off_is_done_once, data::make(databases()), kind) {
    KeyFixture fixture(kind);
    BOOST_TEST(fixture.begin("nothing done") == 0);
    BOOST_TEST(fixture.begin("worked") == 0);
    fixture.work("worked");

    // The next start of one that is alone on its database; others wait until it is clear.
    fixture.keys.releaseUnfinished();
    if (kind != DatabaseKind::Sqlite) fixture.clock.advance(6min);

    BOOST_TEST(fixture.begin("nothing done") == 0);
    BOOST_TEST(fixture.codeOf("worked") == "idempotency_answer_lost");
    BOOST_TEST(fixture.codeOf("worked") == "idempotency_answer_lost");
}

BOOST_DATA_TEST_CASE(a_failure_gives_the_key_back, data::make(databases()), kind) {
    KeyFixture fixture(kind);
    BOOST_TEST(fixture.begin() == 0);
    fixture.keys.finish(fixture.caller, "k", {503, {}, ""});
    BOOST_TEST(fixture.begin() == 0);
}

}  // namespace signalbox
