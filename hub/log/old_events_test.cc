#include "hub/log/old_events.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "hub/log/event_log.h"
#include "tests/support/fake_clock.h"
#include "tests/support/test_database.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;

struct Fixture {
    explicit Fixture(DatabaseKind kind) : db(kind) {}
    ~Fixture() { db.store().close(); }

    void append(int count) {
        write([&](Tx& tx) {
            for (int i = 0; i < count; ++i) log.append(tx, {1, "test.happened", 0, 0, "{}"});
        });
    }
    void read(std::string_view consumer, std::int64_t offset) {
        write([&](Tx& tx) { saveCursor(tx, consumer, offset, clock.now()); });
    }
    void write(Writes writes) { BOOST_REQUIRE(db.store().writeAndWait(std::move(writes)).ok()); }
    std::size_t forget() { return *forgetOldEvents(db.store(), clock.now() - 24h); }
    std::int64_t oldest() {
        std::int64_t offset = 0;
        db.store().read([&](Reader& reader) {
            offset = reader.query("SELECT MIN(log_offset) FROM events").at(0).integer(0);
        });
        return offset;
    }

    TestDatabase db;
    FakeClock clock;
    EventLog log{db.store(), clock};
};

}  // namespace

BOOST_DATA_TEST_CASE(old_events_go_up_to_what_the_slowest_consumer_has_read, data::make(databases()), kind) {
    Fixture f(kind);
    f.append(10);
    f.clock.advance(25h);
    f.append(5);
    BOOST_TEST(f.forget() == 0U);  // nobody has read anything

    f.read("search", 15);
    f.read("workflow", 4);
    BOOST_TEST(f.forget() == 4U);
    BOOST_TEST(f.oldest() == 5);
    f.read("workflow", 15);
    BOOST_TEST(f.forget() == 6U);
    BOOST_TEST(f.oldest() == 11);  // the others are young
}

BOOST_DATA_TEST_CASE(the_last_event_stays_and_the_log_goes_on_behind_it, data::make(databases()), kind) {
    Fixture f(kind);
    f.append(600);
    f.read("workflow", 600);
    f.clock.advance(25h);

    BOOST_TEST(f.forget() == kEventsAtOnce);
    BOOST_TEST(f.forget() == 99U);
    BOOST_TEST(f.forget() == 0U);

    EventLog again(f.db.store(), f.clock);
    BOOST_TEST(again.head() == 600);
}

}  // namespace signalbox
