#include "hub/log/posted_events.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/test_database.h"

namespace signalbox {

namespace data = boost::unit_test::data;

struct PostedEventsFixture {
    explicit PostedEventsFixture(DatabaseKind kind) : db(kind) {}
    ~PostedEventsFixture() { db.store().close(); }
    Result<Appended> post(const std::string& key, const std::string& payload, Id org = 1) {
        return events.append({org, "lead.created", key, payload, 0, 0});
    }

    std::int64_t count() {
        std::int64_t out = 0;
        db.store().read(
            [&](Reader& reader) { out = reader.query("SELECT COUNT(*) FROM events").at(0).integer(0); });
        return out;
    }

    TestDatabase db;
    FakeClock clock;
    EventLog log{db.store(), clock};
    PostedEvents events{db.store(), clock, log};
};

BOOST_DATA_TEST_CASE(a_key_that_comes_again_gives_the_first_offset, data::make(databases()), kind) {
    PostedEventsFixture fixture(kind);

    const auto first = fixture.post("crm:1", "{}");
    const auto again = fixture.post("crm:1", "{}");
    const auto other_org = fixture.post("crm:1", "{}", 2);

    BOOST_REQUIRE((first && again && other_org));
    BOOST_TEST(again->offset == first->offset);
    BOOST_TEST((!first->is_duplicate && again->is_duplicate && !other_org->is_duplicate));
    BOOST_TEST(fixture.count() == 2);
}

BOOST_DATA_TEST_CASE(a_key_stands_for_one_event_and_no_key_for_many, data::make(databases()), kind) {
    PostedEventsFixture fixture(kind);
    BOOST_REQUIRE(fixture.post("crm:1", R"({"a":1})"));

    const auto changed = fixture.post("crm:1", R"({"a":2})");
    BOOST_REQUIRE((fixture.post("", "{}") && fixture.post("", "{}")));

    BOOST_REQUIRE(!changed);
    BOOST_TEST(changed.error().code == "event_key_reused");
    BOOST_TEST(fixture.count() == 3);
}

BOOST_AUTO_TEST_CASE(old_keys_are_forgotten) {
    PostedEventsFixture fixture(DatabaseKind::Sqlite);
    BOOST_REQUIRE(fixture.post("crm:1", "{}"));
    fixture.clock.advance(std::chrono::hours{24 * 91});

    BOOST_REQUIRE(fixture.events.forgetOldKeys());

    BOOST_TEST(!fixture.post("crm:1", "{}")->is_duplicate);
}

}  // namespace signalbox
