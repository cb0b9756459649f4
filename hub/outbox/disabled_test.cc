// Accounts that a person switched off.
#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

Json textTo(const std::string& account, const std::string& to, const std::string& text) {
    return {{"account", account}, {"to", to}, {"text", text}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_waits_of_a_removed_account_says_so_and_goes_on_with_the_next_of_its_name) {
    OutboxFixture hub;
    const Queued waiting = hub.enqueue(textTo("wa", "+4917012345678", "one"));

    hub.write([&](Tx& tx) { hub.outbox.removed(tx, *hub.accounts.byName("wa")); });

    BOOST_TEST(hub.stateOf(waiting.outbox) == "blocked");
    BOOST_TEST(textAt(hub.messages().at(0), "status") == "blocked");
    BOOST_TEST(hub.messages().at(0)["error"]["code"] == "account_removed");
    BOOST_TEST(hub.events("account.blocked").empty());

    hub.write([&](Tx& tx) { BOOST_TEST(hub.outbox.resume(tx, *hub.accounts.byName("wa"))); });
    BOOST_TEST(hub.lease("wa").size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_disabled_account_sends_nothing_until_it_is_resumed) {
    OutboxFixture hub;
    const Queued sending = hub.enqueue(textTo("wa", "+4917012345678", "one"));
    const auto leases = hub.lease("wa");
    const Error unauthorized{ErrorKind::Unauthorized, "token expired", {}, "190"};

    hub.write([&](Tx& tx) { hub.outbox.disable(tx, *hub.accounts.byName("wa"), "moves on Monday"); });
    const Queued waiting = hub.enqueue(textTo("wa", "+4917099999999", "two"));

    BOOST_TEST(hub.lease("wa").empty());
    // What was under way ends as it must, and does not make the account another one.
    hub.finish(leases.at(0), endedWith(TryResult::State::Blocked, unauthorized));
    BOOST_TEST(hub.stateOf(sending.outbox) == "blocked");
    BOOST_TEST(hub.events("account.blocked").empty());
    BOOST_REQUIRE(hub.events("account.disabled").size() == 1U);
    BOOST_TEST(hub.events("account.disabled")[0]["reason"] == "moves on Monday");
    BOOST_TEST(hub.stateOf(waiting.outbox) == "pending");
    hub.write([&](Tx& tx) { hub.outbox.resume(tx, *hub.accounts.byName("wa")); });
    BOOST_TEST(hub.lease("wa").size() == 2U);
}

}  // namespace signalbox
