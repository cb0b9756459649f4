#include "hub/log/event_log.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/test_database.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

struct LogFixture {
    ~LogFixture() { db.store().close(); }
    void append(EventLog& log, std::size_t bytes) {
        const std::string payload = "\"" + std::string(bytes, 'x') + "\"";
        std::int64_t offset = 0;
        const auto written = db.store().writeAndWait([&](Tx& tx) {
            offset = log.append(tx, {1, "test.happened", 0, 0, payload});
        });
        BOOST_REQUIRE(written.ok());
        log.waitBeyond(offset - 1, 10s, {});
    }

    TestDatabase db;
    FakeClock clock;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(large_payloads_do_not_pile_up_in_memory_and_all_are_still_read, LogFixture) {
    EventLog log(db.store(), clock, 1'000, 100'000);

    for (int i = 0; i < 50; ++i) append(log, 10'000);

    BOOST_TEST(log.tailBytes() <= 100'000U);
    BOOST_TEST(log.tailBytes() > 50'000U);
    const auto oldest = log.after(0, 100), newest = log.after(47, 100);
    BOOST_TEST(oldest.size() < 50U);  // what is read from the database at once is bounded as well
    std::int64_t read = 0;
    for (auto some = oldest; !some.empty(); some = log.after(read, 100)) {
        BOOST_REQUIRE(some.front()->offset == read + 1);
        read = some.back()->offset;
    }
    BOOST_TEST(read == 50);
    BOOST_REQUIRE(newest.size() == 3U);
    BOOST_TEST(newest.back()->payload.size() == 10'002U);
    db.store().close();  // before the log, which hears of commits, is gone
}

BOOST_FIXTURE_TEST_CASE(one_record_that_is_larger_than_all_is_kept_alone, LogFixture) {
    EventLog log(db.store(), clock, 1'000, 1'000);

    append(log, 5'000);
    append(log, 6'000);

    BOOST_TEST(log.tailBytes() > 6'000U);
    BOOST_TEST(log.tailBytes() < 11'000U);
    BOOST_TEST(log.after(0, 10).size() == 2U);
    db.store().close();
}

}  // namespace signalbox
