#include "hub/log/log_consumer.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/test_database.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;

struct ConsumerFixture {
    explicit ConsumerFixture(DatabaseKind kind) : db(kind) {}
    ~ConsumerFixture() { db.store().close(); }

    std::int64_t append(int count = 1) {
        std::int64_t offset = 0;
        const auto written = db.store().writeAndWait([&](Tx& tx) {
            for (int i = 0; i < count; ++i) offset = log.append(tx, {1, "test.happened", 0, 0, "{}"});
        });
        BOOST_REQUIRE(written.ok());
        log.waitBeyond(offset - 1, 10s, {});
        return offset;
    }
    std::int64_t saved(std::string_view name) { return readCursor(db.store(), name); }
    LogConsumer::Parts parts() { return {db.store(), clock, log}; }

    TestDatabase db;
    FakeClock clock;
    EventLog log{db.store(), clock};
};

}  // namespace

BOOST_DATA_TEST_CASE(begins_where_it_was_told_and_goes_on_where_it_was, data::make(databases()), kind) {
    ConsumerFixture hub(kind);
    const std::int64_t before = hub.append(3);
    LogConsumer all(hub.parts(), "all", LogConsumer::First::Oldest);
    LogConsumer later(hub.parts(), "later", LogConsumer::First::Newest);
    BOOST_TEST(later.next(10).empty());
    BOOST_REQUIRE(all.next(10).size() == 3U);
    BOOST_TEST(all.commit(before - 1, [](Tx&) {}));

    hub.append();

    BOOST_TEST(later.next(10).size() == 1U);
    LogConsumer again(hub.parts(), "all", LogConsumer::First::Newest);
    BOOST_TEST(again.next(10).size() == 2U);
}

BOOST_DATA_TEST_CASE(of_two_that_read_the_same_one_writes, data::make(databases()), kind) {
    ConsumerFixture hub(kind);
    const std::int64_t to = hub.append();
    LogConsumer one(hub.parts(), "both", LogConsumer::First::Oldest);
    LogConsumer other(hub.parts(), "both", LogConsumer::First::Oldest);
    BOOST_REQUIRE(one.next(10).size() == 1U);
    BOOST_REQUIRE(other.next(10).size() == 1U);
    int written = 0;

    BOOST_TEST(one.commit(to, [&](Tx&) { ++written; }));
    BOOST_TEST(!other.commit(to, [&](Tx&) { ++written; }));

    BOOST_TEST(written == 1);
    BOOST_TEST(other.position() == -1);
    BOOST_TEST(other.next(10).empty());  // begins again behind what the other wrote
    BOOST_TEST(other.position() == to);
}

BOOST_DATA_TEST_CASE(what_gave_nothing_is_saved_now_and_then, data::make(databases()), kind) {
    ConsumerFixture hub(kind);
    LogConsumer consumer(hub.parts(), "idle", LogConsumer::First::Oldest);
    BOOST_TEST(consumer.begin() == 0);

    const std::int64_t first = hub.append();
    consumer.pass(first);
    BOOST_TEST(consumer.position() == first);
    BOOST_TEST(hub.saved("idle") == 0);

    hub.clock.advance(10s);
    const std::int64_t second = hub.append();
    consumer.pass(second);
    BOOST_TEST(hub.saved("idle") == second);
}

BOOST_DATA_TEST_CASE(a_step_that_throws_is_tried_again_from_the_cursor, data::make(databases()), kind) {
    ConsumerFixture hub(kind);
    LogConsumer consumer(hub.parts(), "stumbling", LogConsumer::First::Oldest);
    const std::int64_t to = hub.append();
    std::atomic<int> steps = 0;
    std::atomic<bool> is_done = false;

    consumer.start([&](const std::stop_token&) {
        const auto records = consumer.next(10);
        if (records.empty()) return LogConsumer::Rest::UntilGrowth;
        if (++steps == 1) throw std::runtime_error("the disk is full");
        consumer.commit(records.back()->offset, [](Tx&) {});
        is_done = true;
        return LogConsumer::Rest::None;
    });
    while (!is_done) {
        hub.clock.advance(1s);
        std::this_thread::sleep_for(1ms);
    }
    consumer.stop();

    BOOST_TEST(steps == 2);
    BOOST_TEST(hub.saved("stumbling") == to);
}

}  // namespace signalbox
