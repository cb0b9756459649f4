#include "hub/inbox/desk.h"

#include <boost/test/unit_test.hpp>

#include "hub/inbox/desk_queries.h"
#include "hub/inbox/lines.h"
#include "hub/inbox/message_care.h"
#include "hub/inbox/text_marks.h"
#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

// A question came in; two users and their team are there.
struct DeskFixture : OutboxFixture {
    DeskFixture() {
        accept({textFrom("+4917012345678", "hello?", "wamid.1")});
        conversation = *parseId(kConversationId, textAt(messages()[0], "conversation_id"));
        write([&](Tx& tx) {
            for (const auto& [id, email] :
                 {std::pair<Id, const char*>{101, "ada@example.com"}, {102, "ben@example.com"}})
                tx.exec(
                    "INSERT INTO users (id, org, email, name, role, state, password, created_at, changed_at)"
                    " VALUES ($1, $2, $3, $3, 'agent', 'active', '', 0, 0)",
                    {id, kDefaultOrg, std::string_view(email)});
            tx.exec("INSERT INTO teams (id, org, name, created_at) VALUES (7, $1, 'night', 0)",
                    {kDefaultOrg});
            for (const Id user : {101, 102})
                tx.exec("INSERT INTO team_members (team, user_id, org) VALUES (7, $1, $2)",
                        {user, kDefaultOrg});
        });
    }
    template <class Change>
    Status change(Change make) {
        Status outcome = Done{};
        write([&](Tx& tx) { outcome = make(tx); });
        return outcome;
    }
    Json now() {
        Json found = *findConversation(*store, accounts, kDefaultOrg, conversation);
        addDeskDetails(*store, kDefaultOrg, 101, found);
        return found;
    }
    Json lastEvent(std::string_view type) { return events(type).back(); }

    Desk desk{ids, clock, log, inbox};
    Lines lines{ids, clock, log, inbox, accounts};
    MessageCare care{ids, clock, log};
    const Edit edit{{kDefaultOrg, 101, 101, "user:ada"}, {}};
    Id conversation = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_the_other_side_writes_opens_a_resolved_conversation_again) {
    DeskFixture hub;
    BOOST_TEST(hub.change([&](Tx& tx) {
                      return hub.desk.setStatus(tx, hub.edit, hub.conversation, {"resolved", {}});
                  })
                   .ok());

    hub.accept({textFrom("+4917012345678", "one more thing", "wamid.2")});

    BOOST_TEST(textAt(hub.now(), "status") == "open");
    BOOST_TEST(hub.now()["message_count"] == 2);
    BOOST_TEST(textAt(hub.lastEvent("conversation.status_changed"), "by") == "contact");
}

BOOST_AUTO_TEST_CASE(after_a_closed_conversation_the_next_message_begins_a_new_one) {
    DeskFixture hub;
    BOOST_TEST(hub.change([&](Tx& tx) {
                      return hub.desk.setStatus(tx, hub.edit, hub.conversation, {"closed", {}});
                  })
                   .ok());

    hub.accept({textFrom("+4917012345678", "something else", "wamid.2")});

    BOOST_TEST(textAt(hub.now(), "status") == "closed");
    BOOST_TEST(textAt(hub.messages()[0], "conversation_id") != idText(kConversationId, hub.conversation));
    const auto again = hub.change([&](Tx& tx) {
        return hub.desk.setStatus(tx, hub.edit, hub.conversation, {"open", {}});
    });
    BOOST_REQUIRE(!again.ok());
    BOOST_TEST(again.error().code == "conversation_open");
}

BOOST_AUTO_TEST_CASE(spam_stays_spam_whatever_is_written) {
    DeskFixture hub;
    BOOST_TEST(hub.change([&](Tx& tx) {
                      return hub.desk.setStatus(tx, hub.edit, hub.conversation, {"spam", {}});
                  })
                   .ok());

    hub.accept({textFrom("+4917012345678", "buy now", "wamid.2")});

    BOOST_TEST(textAt(hub.now(), "status") == "spam");
    BOOST_TEST(hub.now()["message_count"] == 2);
}

BOOST_AUTO_TEST_CASE(a_snoozed_conversation_comes_back_when_its_time_has_come) {
    DeskFixture hub;
    const TimePoint until = hub.clock.now() + 1h;
    BOOST_TEST(hub.change([&](Tx& tx) {
                      return hub.desk.setStatus(tx, hub.edit, hub.conversation, {"snoozed", until});
                  })
                   .ok());

    hub.write([&](Tx& tx) { hub.desk.wakeSnoozed(tx, 10); });
    BOOST_TEST(textAt(hub.now(), "status") == "snoozed");
    hub.clock.advance(1h);
    hub.write([&](Tx& tx) { hub.desk.wakeSnoozed(tx, 10); });

    BOOST_TEST(textAt(hub.now(), "status") == "open");
    BOOST_TEST(hub.now()["snoozed_until"].is_null());
    BOOST_TEST(textAt(hub.lastEvent("conversation.status_changed"), "by") == "system");
}

BOOST_AUTO_TEST_CASE(a_change_of_what_somebody_else_changed_meanwhile_is_refused) {
    DeskFixture hub;
    const std::int64_t seen = numberAt(hub.now(), "revision");
    BOOST_TEST(
        hub.change([&](Tx& tx) { return hub.desk.setPriority(tx, hub.edit, hub.conversation, "high"); })
            .ok());

    const Edit late{hub.edit.by, seen};
    const auto refused =
        hub.change([&](Tx& tx) { return hub.desk.setPriority(tx, late, hub.conversation, "normal"); });

    BOOST_REQUIRE(!refused.ok());
    BOOST_TEST(refused.error().code == "changed_meanwhile");
    BOOST_TEST(textAt(hub.now(), "priority") == "high");
}

BOOST_AUTO_TEST_CASE(a_team_takes_turns_and_the_least_busy_one_is_found) {
    DeskFixture hub;
    const auto assigned = [&](const std::string& strategy) {
        Assignment how;
        how.team = 7;
        how.strategy = strategy;
        BOOST_TEST(
            hub.change([&](Tx& tx) { return hub.desk.assign(tx, hub.edit, hub.conversation, how); }).ok());
        return textAt(hub.now(), "assignee_id");
    };

    BOOST_TEST(assigned("round_robin") == idText(kUserId, 101));
    BOOST_TEST(assigned("round_robin") == idText(kUserId, 102));
    BOOST_TEST(assigned("round_robin") == idText(kUserId, 101));
    BOOST_TEST(assigned("least_busy") == idText(kUserId, 102));
    BOOST_TEST(textAt(hub.lastEvent("conversation.assigned"), "previous_assignee_id") ==
               idText(kUserId, 101));
}

BOOST_AUTO_TEST_CASE(a_note_names_users_and_tags_itself_and_is_no_message_of_the_customer) {
    DeskFixture hub;
    NewLine note{hub.ids.next(), "internal", "text", "@ben look at #Rooms, not at x@y.z or #12"};
    note.traits.visibility = "internal";

    BOOST_TEST(hub.change([&](Tx& tx) -> Status {
                      const auto added = hub.lines.add(tx, hub.edit.by, hub.conversation, note);
                      return added ? Status(Done{}) : Status(added.error());
                  })
                   .ok());

    const Json told = hub.lastEvent("note.added")["message"];
    BOOST_TEST(told["mentions"] == Json::array({idText(kUserId, 102)}));
    BOOST_TEST(told["hashtags"] == Json::array({"rooms"}));
    BOOST_TEST(told["direction"] == "internal");
    BOOST_TEST(textAt(hub.lastEvent("user.mentioned"), "user_id") == idText(kUserId, 102));
    BOOST_TEST(hub.now()["unread_count"] == 1);
}

BOOST_AUTO_TEST_CASE(only_what_no_provider_has_can_be_changed_by_its_author_for_five_minutes) {
    DeskFixture hub;
    const Id sent =
        hub.enqueue({{"conversation_id", idText(kConversationId, hub.conversation)}, {"text", "yes"}},
                    {kDefaultOrg, "user:ada"})
            .message;
    NewLine note{hub.ids.next(), "internal", "text", "first"};
    hub.write([&](Tx& tx) { (void)hub.lines.add(tx, hub.edit.by, hub.conversation, note); });
    const auto edit = [&](Id message, const char* who) {
        const auto done = hub.change([&](Tx& tx) {
            return hub.care.edit(tx, {{kDefaultOrg, 1, 1, who}, {}}, message, "second");
        });
        return done ? std::string("done") : done.error().code;
    };

    BOOST_TEST(edit(sent, "user:ada") == "channel_cannot");
    BOOST_TEST(edit(note.id, "user:ben") == "not_author");
    BOOST_TEST(edit(note.id, "user:ada") == "done");
    hub.clock.advance(6min);
    BOOST_TEST(edit(note.id, "user:ada") == "edit_too_late");
    const Json shown = *findMessage(*hub.store, hub.accounts, kDefaultOrg, note.id);
    BOOST_TEST(shown["text"] == "second");
    BOOST_TEST(shown["edits"][0]["text"] == "first");
}

BOOST_AUTO_TEST_CASE(who_read_what_is_known) {
    DeskFixture hub;

    hub.write([&](Tx& tx) { (void)hub.care.markRead(tx, hub.edit.by, hub.conversation, 0, false); });

    BOOST_TEST(hub.now()["unread_count"] == 0);
    const Id message = *parseId(kMessageId, textAt(hub.messages()[0], "id"));
    BOOST_TEST(listReads(*hub.store, message)[0]["by"] == "user:ada");
    hub.accept({textFrom("+4917012345678", "more", "wamid.2")});
    BOOST_TEST(hub.now()["unread_count"] == 1);
}

BOOST_AUTO_TEST_CASE(marks_of_a_text_begin_words) {
    const TextMarks marks =
        textMarks("@Ada, ask @ben.b@example.com. mail c@d.ef #Größe #12 a#b https://x/#y @");

    BOOST_TEST(marks.mentions == (std::vector<std::string>{"ada", "ben.b@example.com"}),
               boost::test_tools::per_element());
    BOOST_TEST(marks.hashtags == (std::vector<std::string>{"größe"}), boost::test_tools::per_element());
}

}  // namespace signalbox
