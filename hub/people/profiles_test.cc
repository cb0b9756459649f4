#include "hub/people/profiles.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

struct ProfileFixture : OutboxFixture {
    // Writes one message and gives the person who wrote it.
    Id writer(const std::string& phone, const std::string& external_id) {
        accept({textFrom(phone, "hello", external_id)});
        return *parseId(kPersonId, textAt(messages()[0], "person_id"));
    }
    template <class Change>
    std::string change(Change make) {
        Status outcome = Done{};
        write([&](Tx& tx) { outcome = make(tx); });
        return outcome ? "done" : outcome.error().code;
    }
    std::size_t messagesOf(Id person) {
        MessageFilter filter;
        filter.person = person;
        return listMessages(*store, accounts, kDefaultOrg, filter, {}).items.size();
    }
    const Actor by{kDefaultOrg, 5, 5, "user:ada"};
    Profiles profiles{ids, clock, log, people};
};

}  // namespace

BOOST_AUTO_TEST_CASE(two_people_become_one_and_two_again) {
    ProfileFixture hub;
    const Id first = hub.writer("+4917012345678", "wamid.1"),
             second = hub.writer("+4917087654321", "wamid.2");

    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.merge(tx, hub.by, 900, first, second); }) ==
               "done");
    BOOST_TEST(hub.messagesOf(first) == 2U);
    BOOST_TEST(hub.writer("+4917087654321", "wamid.3") == first);

    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.unmerge(tx, hub.by, 900); }) == "done");
    BOOST_TEST(hub.messagesOf(second) == 1U);
    BOOST_TEST(hub.messagesOf(first) == 2U);  // the one that came while they were one stays
    BOOST_TEST(hub.writer("+4917087654321", "wamid.4") == second);
    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.unmerge(tx, hub.by, 900); }) == "merge_undone");
}

BOOST_AUTO_TEST_CASE(an_identity_belongs_to_one_person) {
    ProfileFixture hub;
    const Id first = hub.writer("+4917012345678", "wamid.1"),
             second = hub.writer("+4917087654321", "wamid.2");
    const Identity mail{"email", "ada@example.com"};

    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.addIdentity(tx, hub.by, first, mail); }) ==
               "done");
    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.addIdentity(tx, hub.by, second, mail); }) ==
               "identity_taken");
    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.removeIdentity(tx, hub.by, first, mail); }) ==
               "done");
    BOOST_TEST(hub.change([&](Tx& tx) { return hub.profiles.addIdentity(tx, hub.by, second, mail); }) ==
               "done");
}

BOOST_AUTO_TEST_CASE(own_fields_are_set_and_taken_away_one_by_one) {
    ProfileFixture hub;
    const Id person = hub.writer("+4917012345678", "wamid.1");
    const auto set = [&](const Json& custom) {
        ProfileChange change;
        change.custom = custom;
        return hub.change([&](Tx& tx) { return hub.profiles.update(tx, hub.by, person, change); });
    };

    BOOST_TEST(set({{"size", 3}, {"city", "Bonn"}}) == "done");
    BOOST_TEST(set({{"size", nullptr}}) == "done");

    BOOST_TEST(hub.events("person.updated").back()["custom"] == (Json{{"city", "Bonn"}}));
}

}  // namespace signalbox
