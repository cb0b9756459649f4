#include "daemon/app/work_actions.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

struct Fixture : OutboxFixture {
    Fixture() { addWorkActions(actions, work); }

    Result<workflow::PreparedAction> prepare(const Json& request, Id conversation = 0) {
        workflow::ActionRequest action{.request = request};
        action.org = kDefaultOrg;
        action.workflow = "desk";
        action.conversation = conversation;
        action.now = clock.now();
        return actions.prepare(action);
    }
    // Done twice, as a repeated write would.
    Json perform(const Json& request, Id conversation = 0) {
        auto prepared = prepare(request, conversation);
        BOOST_REQUIRE_MESSAGE(prepared.ok(), (prepared ? std::string() : prepared.error().message));
        write([&](Tx& tx) { prepared->apply(tx); });
        return prepared->output;
    }

    WorkItems work{*store, ids, clock, log};
    WorkflowActions actions;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_workflow_makes_a_ticket_in_its_conversation_and_knows_the_id_at_once, Fixture) {
    accept({textFrom("+4917012345678", "it is broken", "w.1")});
    const Id conversation = *parseId(kConversationId, textAt(messages()[0], "conversation_id"));

    const Json output = perform(
        {{"kind", "ticket.save"}, {"title", "broken"}, {"assignee_id", ""}, {"text", nullptr}}, conversation);

    const Json ticket =
        *work.find(kDefaultOrg, *findWorkKind("ticket"), *parseId("tkt", textAt(output, "id")));
    BOOST_TEST(ticket["title"] == "broken");
    BOOST_TEST(ticket["conversation_id"] == idText(kConversationId, conversation));
    BOOST_TEST(ticket["created_by"] == "workflow:desk");
    BOOST_TEST(output["kind"] == "ticket");
}

BOOST_FIXTURE_TEST_CASE(a_workflow_changes_any_item_by_its_id, Fixture) {
    const Json lead = perform({{"kind", "lead.save"}, {"title", "Ann"}});

    perform({{"kind", "work.change"}, {"id", lead["id"]}, {"stage", "won"}});

    const Json changed = *work.find(kDefaultOrg, *findWorkKind("lead"), *parseId("led", textAt(lead, "id")));
    BOOST_TEST(changed["status"] == "won");
    BOOST_TEST(!changed["closed_at"].is_null());
    BOOST_TEST(events("lead.stage_changed").size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_walk_changes_what_it_has_just_made, Fixture) {
    auto made = prepare({{"kind", "task.save"}, {"title", "call"}});
    BOOST_REQUIRE(made.ok());
    auto changed = prepare({{"kind", "work.change"}, {"id", made->output["id"]}, {"status", "done"}});
    BOOST_REQUIRE_MESSAGE(changed.ok(), (changed ? std::string() : changed.error().message));

    write([&](Tx& tx) {  // one commit, in the order of the walk
        made->apply(tx);
        changed->apply(tx);
    });

    const Json task =
        *work.find(kDefaultOrg, *findWorkKind("task"), *parseId("tsk", textAt(made->output, "id")));
    BOOST_TEST(task["status"] == "done");
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_done_is_the_nodes_error, Fixture) {
    BOOST_TEST(prepare({{"kind", "ticket.save"}}).error().message == "title: a ticket needs one");
    BOOST_TEST(prepare({{"kind", "work.change"}, {"id", "tkt_0000000000001"}}).error().message ==
               "id: no ticket, task, lead or call tkt_0000000000001");
    BOOST_TEST(prepare({{"kind", "task.save"}, {"title", "x"}, {"priority", "soon"}}).error().message ==
               "priority: one of low, normal, high, urgent");
}

}  // namespace signalbox
