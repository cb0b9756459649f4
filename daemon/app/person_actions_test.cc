#include "daemon/app/person_actions.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

struct Fixture : OutboxFixture {
    Fixture() { addPersonActions(actions, {*store, ids, profiles}); }

    Result<workflow::PreparedAction> prepare(const Json& request, Id conversation = 0) {
        workflow::ActionRequest action{.request = request};
        action.org = kDefaultOrg;
        action.workflow = "form";
        action.conversation = conversation;
        action.now = clock.now();
        return actions.prepare(action);
    }
    Json perform(Json request, Id conversation = 0) {
        request["kind"] = "person.save";
        auto prepared = prepare(request, conversation);
        BOOST_REQUIRE_MESSAGE(prepared.ok(), (prepared ? std::string() : prepared.error().message));
        write([&](Tx& tx) { prepared->apply(tx); });
        return prepared->output;
    }
    std::string personOf(const std::string& identity) {
        std::string found;
        store->read([&](Reader& reader) {
            for (const Row& row : reader.query(
                     "SELECT p.display_name, p.kind, p.custom FROM identities i JOIN people p ON p.id ="
                     " i.person WHERE i.value = $1",
                     {identity}))
                found += row.text(0) + ' ' + row.text(1) + ' ' + row.text(2) + '\n';
        });
        return found;
    }
    Profiles profiles{ids, clock, log, people};
    WorkflowActions actions;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_person_is_made_once_and_changed_by_its_address_afterwards, Fixture) {
    const Json made = perform({{"email", "Ada@X.test"}, {"name", "Ada"}, {"person_kind", "lead"}});
    const Json again = perform(
        {{"email", "ada@x.test"}, {"phone", "030 123456"}, {"region", "DE"}, {"fields", {{"city", "Bonn"}}}});

    BOOST_TEST(made["is_new"] == true);
    BOOST_TEST(again["is_new"] == false);
    BOOST_TEST(again["id"] == made["id"]);
    BOOST_TEST(personOf("ada@x.test") == "Ada lead {\"city\":\"Bonn\"}\n");
    BOOST_TEST(personOf("+4930123456") == "Ada lead {\"city\":\"Bonn\"}\n");
}

BOOST_FIXTURE_TEST_CASE(without_an_address_it_is_the_person_of_the_conversation, Fixture) {
    accept({textFrom("+4917012345678", "hi", "w.1")});
    const Id conversation = *parseId(kConversationId, textAt(messages()[0], "conversation_id"));

    perform({{"name", "Eve"}}, conversation);

    BOOST_TEST(personOf("+4917012345678").starts_with("Eve "));
    BOOST_TEST(!prepare({{"kind", "person.save"}, {"name", "Nobody"}}).ok());
}

BOOST_FIXTURE_TEST_CASE(two_runs_that_make_the_same_person_at_once_make_one, Fixture) {
    auto first = prepare({{"kind", "person.save"}, {"email", "a@x.test"}, {"name", "A"}});
    auto second = prepare({{"kind", "person.save"}, {"email", "a@x.test"}, {"name", "B"}});
    BOOST_REQUIRE(first.ok());
    BOOST_REQUIRE(second.ok());

    write([&](Tx& tx) { first->apply(tx); });
    write([&](Tx& tx) { second->apply(tx); });

    BOOST_TEST(personOf("a@x.test").starts_with("B "));
}

}  // namespace signalbox
