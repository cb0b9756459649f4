#include "daemon/app/desk_actions.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

struct Fixture : OutboxFixture {
    Fixture() {
        addDeskActions(actions, {*store, ids, desk, lines});
        accept({textFrom("+4917012345678", "hello?", "wamid.1")});
        conversation = *parseId(kConversationId, textAt(messages()[0], "conversation_id"));
        write([](Tx& tx) {
            tx.exec(
                "INSERT INTO users (id, org, email, name, role, state, password, created_at, changed_at)"
                " VALUES (101, $1, 'ada@example.com', 'Ada', 'agent', 'active', '', 0, 0)",
                {kDefaultOrg});
        });
    }
    Result<workflow::PreparedAction> prepare(const Json& request) {
        workflow::ActionRequest action{.request = request};
        action.org = kDefaultOrg;
        action.workflow = "desk";
        action.conversation = conversation;
        action.now = clock.now();
        return actions.prepare(action);
    }
    std::string refusal(const Json& request) {
        const auto prepared = prepare(request);
        return prepared ? "" : prepared.error().message;
    }
    std::string statusNow() {
        return textAt(*findConversation(*store, accounts, kDefaultOrg, conversation), "status");
    }

    Id conversation = 0;
    Desk desk{ids, clock, log, inbox};
    Lines lines{ids, clock, log, inbox, accounts};
    WorkflowActions actions;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(users_teams_and_times_that_cannot_be_are_the_nodes_error, Fixture) {
    const Json assign = {{"kind", "conversation.assign"}};
    const Json snooze = {{"kind", "conversation.status"}, {"status", "snoozed"}};
    const auto with = [](Json request, const char* name, const std::string& value) {
        request[name] = value;
        return request;
    };

    BOOST_TEST(refusal(with(assign, "user_id", idText(kUserId, 999))) ==
               "user_id: there is no such active user");
    BOOST_TEST(refusal(with(assign, "team_id", idText(kTeamId, 999))) == "team_id: there is no such team");
    BOOST_TEST(refusal(with(assign, "user_id", idText(kUserId, 101))) == "");
    BOOST_TEST(refusal(with(snooze, "until", toRfc3339(clock.now() - 1min))) ==
               "until: a time in the future is needed to snooze");
    BOOST_TEST(refusal(with(snooze, "until", toRfc3339(clock.now() + 1min))) == "");
}

BOOST_FIXTURE_TEST_CASE(what_can_no_longer_be_done_in_the_commit_is_refused_there, Fixture) {
    const auto assign = prepare({{"kind", "conversation.assign"}, {"user_id", idText(kUserId, 101)}});
    const auto snooze = prepare(
        {{"kind", "conversation.status"}, {"status", "snoozed"}, {"until", toRfc3339(clock.now() + 1min)}});
    BOOST_REQUIRE(assign.ok());
    BOOST_REQUIRE(snooze.ok());
    write([](Tx& tx) { tx.exec("UPDATE users SET state = 'disabled' WHERE id = 101", {}); });
    clock.advance(2min);

    for (const auto* prepared : {&assign, &snooze}) {
        std::string refused;
        write([&](Tx& tx) {
            try {
                (*prepared)->apply(tx);
            } catch (const workflow::ActionRefused& refusal) {
                refused = refusal.error.message;
            }
        });
        BOOST_TEST(!refused.empty());
    }
    BOOST_TEST(statusNow() == "open");
}

}  // namespace signalbox
