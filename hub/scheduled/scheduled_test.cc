#include "hub/scheduled/scheduled.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

struct ScheduledFixture : OutboxFixture {
    Id later(const Json& request, std::chrono::minutes in) {
        const NewScheduled row{ids.next(), 0, dumpJson(request), clock.now() + in};
        write([&](Tx& tx) { scheduled.add(tx, by, row); });
        return row.id;
    }
    std::string stateOf(Id id) { return textAt(*scheduled.find(kDefaultOrg, id), "state"); }
    const Actor by{kDefaultOrg, 5, 0, "api:tok"};
    const Json hello{{"account", "wa"}, {"to", "+4917012345678"}, {"text", "hello"}};
    Scheduled scheduled{*store, clock, log, outbox};
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_message_for_later_is_sent_once_when_its_time_has_come) {
    ScheduledFixture hub;
    const Id id = hub.later(hub.hello, 10min);

    const auto next = hub.scheduled.sendDue(10);
    BOOST_TEST((next == hub.clock.now() + 10min));
    BOOST_TEST(hub.messages().empty());
    hub.clock.advance(10min);
    hub.scheduled.sendDue(10);
    hub.scheduled.sendDue(10);

    BOOST_REQUIRE(hub.messages().size() == 1U);
    BOOST_TEST(hub.messages()[0]["author"] == "api:tok");
    BOOST_TEST(hub.stateOf(id) == "sent");
}

BOOST_AUTO_TEST_CASE(a_cancelled_message_is_not_sent_and_cannot_be_moved) {
    ScheduledFixture hub;
    const Id id = hub.later(hub.hello, 10min);
    hub.write([&](Tx& tx) { (void)hub.scheduled.cancel(tx, {hub.by, {}}, id); });

    hub.clock.advance(1h);
    hub.scheduled.sendDue(10);
    Status moved = Done{};
    hub.write([&](Tx& tx) {
        moved = hub.scheduled.change(tx, {hub.by, {}}, id, {hub.clock.now() + 1h, {}, 0});
    });

    BOOST_TEST(hub.messages().empty());
    BOOST_TEST(hub.stateOf(id) == "cancelled");
    BOOST_REQUIRE(!moved.ok());
    BOOST_TEST(moved.error().code == "not_pending");
}

BOOST_AUTO_TEST_CASE(a_message_for_later_can_be_changed_by_who_has_seen_it_as_it_is) {
    ScheduledFixture hub;
    const Id id = hub.later(hub.hello, 10min);
    Json better = hub.hello;
    better["text"] = "good morning";
    const Actor bob{kDefaultOrg, 6, 6, "user:bob"};
    Status first = Done{}, second = Done{};
    hub.write([&](Tx& tx) {
        first = hub.scheduled.change(tx, {bob, 1}, id, {{}, dumpJson(better), 0});
        second = hub.scheduled.change(tx, {hub.by, 1}, id, {hub.clock.now() + 1h, {}, 0});
    });

    hub.clock.advance(10min);
    hub.scheduled.sendDue(10);

    BOOST_TEST(first.ok());
    BOOST_REQUIRE(!second.ok());
    BOOST_TEST(second.error().code == "changed_meanwhile");
    BOOST_REQUIRE(hub.messages().size() == 1U);
    BOOST_TEST(hub.messages()[0]["text"] == "good morning");
    BOOST_TEST(hub.messages()[0]["author"] == "user:bob");
}

BOOST_AUTO_TEST_CASE(what_can_no_longer_be_sent_fails_and_says_why) {
    ScheduledFixture hub;
    Json gone = hub.hello;
    gone["account"] = "gone";
    const Id id = hub.later(gone, 1min);

    hub.clock.advance(1min);
    hub.scheduled.sendDue(10);

    BOOST_TEST(hub.stateOf(id) == "failed");
    BOOST_TEST(textAt(*hub.scheduled.find(kDefaultOrg, id), "error") ==
               "account: there is none of this name");
}

}  // namespace signalbox
