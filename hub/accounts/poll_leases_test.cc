// Two daemons on one PostgreSQL, and one alone on SQLite.
#include "hub/accounts/poll_leases.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/test_database.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(one_daemon_fetches_an_account_until_it_dies) {
    if (!PostgresServer::isInstalled()) return;
    TestDatabase database(DatabaseKind::Postgres);
    const auto other = database.open();
    FakeClock clock;
    PollLeases first(database.store(), clock);
    auto second = std::make_unique<PollLeases>(*other, clock);

    BOOST_TEST(first.acquire(1));
    BOOST_TEST(first.acquire(1));
    BOOST_TEST(!second->acquire(1));
    BOOST_TEST(second->acquire(2));
    clock.advance(25s);
    first.renew();
    BOOST_REQUIRE(database.store().writeAndWait([](Tx&) {}).ok());  // behind the renewal
    clock.advance(25s);
    BOOST_TEST(!second->acquire(1));
    // No word of the second one for 50 s: account 2 is free. The first one gives its own back.
    BOOST_TEST(first.acquire(2));
    first.release(1);
    BOOST_REQUIRE(database.store().writeAndWait([](Tx&) {}).ok());
    BOOST_TEST(second->acquire(1));
    second.reset();
    BOOST_TEST(first.acquire(1));
}

BOOST_AUTO_TEST_CASE(where_nobody_else_can_write_no_lease_is_waited_for) {
    TestDatabase database;
    FakeClock clock;
    PollLeases before(database.store(), clock), after(database.store(), clock);

    BOOST_TEST(before.acquire(1));
    BOOST_TEST(after.acquire(1));
}

}  // namespace
}  // namespace signalbox
