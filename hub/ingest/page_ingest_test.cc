#include "hub/ingest/page_ingest.h"

#include <boost/test/unit_test.hpp>

#include "hub/inbox/mailbox_mark.h"
#include "hub/ingest/quarantine.h"
#include "hub/outbox/outbox.h"
#include "hub/outbox/unsubscribe.h"
#include "tests/support/mail_fixture.h"

namespace signalbox {
namespace {

BOOST_AUTO_TEST_CASE(a_page_that_comes_twice_is_stored_once) {
    MailFixture hub;
    BOOST_TEST(hub.accept(MailText{"a@x"}, 1).new_messages == 1);

    const auto again = hub.accept(MailText{"a@x"}, 1);

    BOOST_TEST(again.new_messages == 0);
    BOOST_TEST(again.known == 1);
    BOOST_TEST(hub.messages().size() == 1U);
    BOOST_TEST(hub.cursor() == "cursor-2");
}

BOOST_AUTO_TEST_CASE(a_mail_in_two_folders_and_two_mailboxes_is_one_message_with_three_places) {
    MailFixture hub;
    hub.accept(MailText{"a@x"}, 1);

    std::vector<FetchedMail> moved, elsewhere;
    moved.push_back(fetched(MailText{"a@x"}, 9, "Archive"));
    hub.accept(std::move(moved));
    elsewhere.push_back(fetched(MailText{"a@x"}, 4));
    hub.accept(std::move(elsewhere), "support");

    BOOST_TEST(hub.messages().size() == 1U);
    const Json message = hub.messages().at(0);
    const Json shown =
        *findMessage(*hub.store, hub.accounts, kDefaultOrg, *parseId(kMessageId, textAt(message, "id")));
    BOOST_REQUIRE(shown["mailboxes"].size() == 3U);
    BOOST_TEST(textAt(shown["mailboxes"][2], "account") == "support");
    BOOST_TEST(textAt(shown["mailboxes"][2], "folder") == "INBOX");
    MessageFilter filter;
    filter.account = hub.accounts.byName("support")->id;
    BOOST_TEST(listMessages(*hub.store, hub.accounts, kDefaultOrg, filter, {}).items.size() == 1U);
    ConversationFilter where;
    where.account = filter.account;
    BOOST_TEST(listConversations(*hub.store, hub.accounts, kDefaultOrg, where, {}).items.size() == 1U);
}

BOOST_AUTO_TEST_CASE(another_mail_under_a_number_that_a_restored_server_gave_away_again_is_not_lost) {
    MailFixture hub;
    hub.accept(MailText{"a@x"}, 1);

    const auto other = hub.accept(MailText{"b@x", "ada@example.org", "Another", "after the restore"}, 1);
    const auto again = hub.accept(MailText{"b@x", "ada@example.org", "Another", "after the restore"}, 1);

    BOOST_TEST(other.new_messages == 1);
    BOOST_TEST(again.known == 1);
    BOOST_TEST(hub.messages().size() == 2U);
    BOOST_TEST(hub.count("SELECT COUNT(*) FROM mail_locations") == 1);
}

BOOST_AUTO_TEST_CASE(another_mail_under_the_same_message_id_is_not_lost) {
    MailFixture hub;
    hub.accept(MailText{"a@x", "ada@example.org", "One", "first"}, 1);
    hub.accept(MailText{"a@x", "ada@example.org", "Two", "second"}, 2);

    BOOST_TEST(hub.messages().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_reply_joins_the_conversation_of_its_nearest_known_ancestor) {
    MailFixture hub;
    hub.accept(MailText{"a@x"}, 1);
    hub.accept(MailText{"b@x", "ada@example.org", "Other"}, 2);
    hub.accept(MailText{"c@x", "ada@example.org", "Offer", "yes", {"a@x", "never-seen@x"}}, 3);

    BOOST_TEST(hub.conversationOf("c@x") == hub.conversationOf("a@x"));
    BOOST_TEST(hub.conversationOf("b@x") != hub.conversationOf("a@x"));
}

BOOST_AUTO_TEST_CASE(who_ends_automatic_mails_is_the_one_that_they_were_written_to) {
    MailFixture hub;
    std::vector<FetchedMail> form, ours;
    form.push_back(fetched(MailText{"a@x", "form@hosting.example"}, 1));
    form[0].mail->parties.push_back({"reply_to", "carla@example.org", ""});
    hub.accept(std::move(form));
    MailText answer{"ours@x", "carla@example.org", "Offer", "here you are", {"a@x"}};
    answer.direction = Direction::Outbound;
    hub.accept(answer, 2);
    answer = {"ours2@x", "carla@example.org", "Offer", "and you", {"a@x"}};
    answer.direction = Direction::Outbound;
    ours.push_back(fetched(answer, 3));
    ours[0].envelopes[0].content["to"] = {{{"name", ""}, {"address", "Dora@example.org"}}};
    hub.accept(std::move(ours));
    const auto writtenTo = [&](const std::string& id) {
        std::optional<OwnMailRecipient> written;
        hub.store->read([&](Reader& reader) { written = recipientOfOwnMail(reader, kDefaultOrg, id); });
        return written ? written->address : "nobody";
    };

    BOOST_TEST(writtenTo("ours@x") == "carla@example.org");
    BOOST_TEST(writtenTo("ours2@x") == "dora@example.org");
}

BOOST_AUTO_TEST_CASE(a_changed_subject_opens_a_linked_conversation) {
    MailFixture hub;
    hub.accept(MailText{"a@x"}, 1);
    hub.accept(MailText{"b@x", "ada@example.org", "Quite another thing", "hi", {"a@x"}}, 2);

    BOOST_TEST(hub.conversationOf("b@x") != hub.conversationOf("a@x"));
    const auto linkOf = [&](const char* message) {
        const Id id = *parseId(kConversationId, hub.conversationOf(message));
        return (*findConversation(*hub.store, hub.accounts, kDefaultOrg, id))["linked"];
    };
    const Json origin = linkOf("b@x"), later = linkOf("a@x");
    BOOST_REQUIRE((origin.size() == 1U && later.size() == 1U));
    BOOST_TEST(textAt(origin[0], "conversation_id") == hub.conversationOf("a@x"));
    BOOST_TEST(textAt(origin[0], "reason") == "subject_changed");
    BOOST_TEST(flagAt(origin[0], "is_origin"));
    BOOST_TEST(textAt(later[0], "subject") == "Quite another thing");
    BOOST_TEST(!flagAt(later[0], "is_origin"));
}

BOOST_AUTO_TEST_CASE(a_parent_that_comes_late_joins_its_answer) {
    MailFixture hub;
    hub.accept(MailText{"b@x", "ada@example.org", "Offer", "answer", {"a@x"}}, 1);
    hub.accept(MailText{"a@x", "bob@example.net"}, 2);

    BOOST_TEST(hub.conversationOf("a@x") == hub.conversationOf("b@x"));
}

BOOST_AUTO_TEST_CASE(message_ids_are_compared_whatever_their_case) {
    MailFixture hub;
    hub.accept(MailText{"A.B@Example.ORG"}, 1);
    hub.accept(MailText{"c@x", "ada@example.org", "Offer", "answer", {"a.b@example.org"}}, 2);
    hub.accept(MailText{"e@x", "ada@example.org", "Offer", "early", {"LATE@x"}}, 3);
    hub.accept(MailText{"late@X", "bob@example.net"}, 4);

    BOOST_TEST(hub.conversationOf("c@x") == hub.conversationOf("A.B@Example.ORG"));
    BOOST_TEST(hub.conversationOf("late@X") == hub.conversationOf("e@x"));
    // An answer names it as it was written.
    BOOST_TEST(hub.count("SELECT COUNT(*) FROM mails WHERE message_id = 'late@X'") == 1);
}

BOOST_AUTO_TEST_CASE(a_stranger_who_quotes_a_message_id_does_not_get_into_the_conversation) {
    MailFixture hub;
    hub.accept(MailText{"a@x"}, 1);
    hub.accept(MailText{"b@x", "mallory@example.net", "Offer", "hi", {"a@x"}}, 2);

    BOOST_TEST(hub.conversationOf("b@x") != hub.conversationOf("a@x"));
}

BOOST_AUTO_TEST_CASE(what_was_sent_twice_after_a_crash_is_one_message_with_two_copies) {
    MailFixture hub;
    hub.accept(MailText{.id = "a@x"}, 1);
    const Id message = *parseId(kMessageId, textAt(hub.messages().at(0), "id"));
    const std::string own = hub.mails->token().messageId(message, "sales@example.com");

    const auto copies = hub.accept([&] {
        std::vector<FetchedMail> sent;
        sent.push_back(
            fetched(MailText{.id = own, .text = "first", .direction = Direction::Outbound}, 1, "Sent"));
        sent.push_back(
            fetched(MailText{.id = own, .text = "second", .direction = Direction::Outbound}, 2, "Sent"));
        return sent;
    }());

    BOOST_TEST(copies.new_messages == 0);
    BOOST_TEST(copies.known == 2);
    BOOST_TEST(hub.count("SELECT COUNT(*) FROM mail_locations WHERE folder = 'Sent'") == 2);
}

BOOST_AUTO_TEST_CASE(a_mail_without_references_joins_by_our_mark_or_outlooks_conversation) {
    MailFixture hub;
    const std::string outlook(44, '7');
    hub.accept(MailText{.id = "a@x", .thread_index = outlook}, 1);
    const Id first = *parseId(kMessageId, textAt(hub.messages().at(0), "id"));
    const std::string mark = hub.mails->token().messageId(first, "sales@example.com");

    hub.accept(MailText{.id = "b@x", .text = "by Outlook", .thread_index = outlook}, 2);
    hub.accept(MailText{.id = "c@x", .text = "by mark", .marks = {mark}}, 3);
    hub.accept(MailText{.id = "d@x", .from = "eve@example.net", .text = "a stranger", .marks = {mark}}, 4);
    std::string forged = mark;
    forged[20] = forged[20] == '0' ? '1' : '0';
    hub.accept(MailText{.id = "e@x", .text = "forged", .marks = {forged}}, 5);

    BOOST_TEST(hub.conversationOf("b@x") == hub.conversationOf("a@x"));
    BOOST_TEST(hub.conversationOf("c@x") == hub.conversationOf("a@x"));
    BOOST_TEST(hub.conversationOf("d@x") != hub.conversationOf("a@x"));
    BOOST_TEST(hub.conversationOf("e@x") != hub.conversationOf("a@x"));
}

BOOST_AUTO_TEST_CASE(a_response_without_references_joins_by_its_subject_and_sender_for_thirty_days) {
    MailFixture hub;
    MailText reply{"b@x"}, late{"c@x"};
    reply.subject = late.subject = "AW: Offer";
    reply.text = "b";
    hub.accept(MailText{"a@x"}, 1);
    hub.accept(reply, 2);
    hub.clock.advance(std::chrono::hours(31 * 24));
    hub.accept(late, 3);

    BOOST_TEST(hub.conversationOf("b@x") == hub.conversationOf("a@x"));
    BOOST_TEST(hub.conversationOf("c@x") != hub.conversationOf("a@x"));
}

BOOST_AUTO_TEST_CASE(an_answer_of_a_machine_is_shown_in_its_thread_and_triggers_nothing) {
    MailFixture hub;
    hub.accept(MailText{"a@x"}, 1);
    hub.accept(MailText{"b@x", "ada@example.org", "Out of office", "away", {"a@x"}, "auto_reply"}, 2);

    BOOST_TEST(hub.conversationOf("b@x") == hub.conversationOf("a@x"));
    const auto types = hub.eventTypes();
    BOOST_TEST(std::count(types.begin(), types.end(), "message.received") == 1);
    BOOST_TEST(std::count(types.begin(), types.end(), "message.auto_received") == 1);
}

BOOST_AUTO_TEST_CASE(history_is_stored_in_its_own_time_and_is_no_news) {
    MailFixture hub;
    const auto come = [&](const MailText& mail, const char* when, std::int64_t uid) {
        std::vector<FetchedMail> page;
        page.push_back(fetched(mail, uid, mail.direction == Direction::Outbound ? "Sent" : "INBOX"));
        page[0].arrival = {parseRfc3339(when), true};
        page[0].envelopes[0].provider_time = parseRfc3339(when);
        hub.accept(std::move(page));
    };
    come(MailText{.id = "q1@x", .text = "q1"}, "2025-10-01T09:00:00Z", 1);
    come(MailText{.id = "q2@x", .text = "q2", .ancestors = {"q1@x"}}, "2025-10-03T09:00:00Z", 2);
    come(MailText{.id = "a1@x", .text = "a1", .ancestors = {"q1@x"}, .direction = Direction::Outbound},
         "2025-10-02T09:00:00Z", 1);
    come(MailText{.id = "old@x", .subject = "Old", .text = "old"}, "2025-09-01T09:00:00Z", 3);
    // Read in the order of their times, page by page, though Sent was fetched behind INBOX.
    MessageFilter thread;
    thread.conversation = *parseId(kConversationId, hub.conversationOf("q1@x"));
    std::string order;
    PageRequest page{0, 1, {}};
    for (int i = 0; i < 3; ++i) {
        const auto found = listMessages(*hub.store, hub.accounts, kDefaultOrg, thread, page);
        BOOST_REQUIRE(found.items.size() == 1U);
        order += textAt(found.items[0], "text") + ' ';
        page.before = found.next.value_or(0);
    }
    BOOST_TEST(order == "q2 a1 q1 ");

    const auto types = hub.eventTypes();
    BOOST_TEST(std::count(types.begin(), types.end(), "message.imported") == 4);
    BOOST_TEST(std::count(types.begin(), types.end(), "message.received") == 0);
    BOOST_TEST(std::count(types.begin(), types.end(), "message.echoed") == 0);
    for (const Json& one : hub.conversations()) {
        const bool is_old = textAt(one, "subject") == "Old";
        BOOST_TEST(textAt(one, "last_message_at").starts_with(is_old ? "2025-09-01" : "2025-10-03"));
        BOOST_TEST(textAt(one, "last_inbound_at").starts_with(is_old ? "2025-09-01" : "2025-10-03"));
    }
    // What comes now is news, and moves the times on.
    hub.accept(MailText{.id = "n@x", .text = "now", .ancestors = {"q2@x"}}, 9);
    BOOST_TEST(hub.eventTypes().back() == "message.received");
    // History that comes after it does not move them back.
    come(MailText{.id = "q3@x", .text = "q3", .ancestors = {"q1@x"}}, "2025-10-04T09:00:00Z", 4);
    BOOST_TEST(hub.count("SELECT COUNT(*) FROM conversations WHERE last_message_at = last_inbound_at"
                         " AND last_message_at = " +
                         std::to_string(toMicros(hub.clock.now()))) == 1);
}

BOOST_AUTO_TEST_CASE(a_date_of_the_sender_does_not_set_the_clocks) {
    MailFixture hub;
    std::vector<FetchedMail> page;
    page.push_back(fetched(MailText{"a@x"}, 1));
    page[0].arrival.at = hub.clock.now();
    page[0].envelopes[0].provider_time = parseRfc3339("2038-01-01T00:00:00Z");
    hub.accept(std::move(page));

    const Json message = hub.messages().at(0);
    BOOST_TEST(textAt(message, "provider_time") == toRfc3339(hub.clock.now()));
    BOOST_TEST(textAt(message["content"], "date_header").starts_with("2038-01-01"));
    BOOST_TEST(textAt(hub.conversations().at(0), "last_inbound_at") == toRfc3339(hub.clock.now()));
}

BOOST_AUTO_TEST_CASE(a_bounce_tells_the_delivery_state_of_one_recipient) {
    MailFixture hub;
    MailText sent{"out@x"};
    sent.direction = Direction::Outbound;
    std::vector<FetchedMail> echo, bounce;
    echo.push_back(fetched(sent, 1, "Sent"));
    hub.accept(std::move(echo));
    bounce.push_back(fetched(
        MailText{"dsn@x", "mailer-daemon@example.net", "Undelivered", "failed", {"out@x"}, "bounce"}, 2));
    Envelope status = statusOf("out@x", DeliveryState::Failed, "2026-11-21T07:00:00Z", "ada@example.org");
    status.status.code = "5.1.1";
    bounce[0].envelopes.push_back(status);

    hub.accept(std::move(bounce));

    BOOST_TEST(hub.conversationOf("dsn@x") == hub.conversationOf("out@x"));
    BOOST_TEST(hub.count("SELECT COUNT(*) FROM deliveries WHERE state = 'failed' AND code = '5.1.1'"
                         " AND recipient = 'ada@example.org'") == 1);
}

BOOST_AUTO_TEST_CASE(an_address_that_our_server_refuses_at_once_is_suppressed_as_after_a_bounce) {
    MailFixture hub;
    Outbox outbox(*hub.store, hub.ids, hub.clock, hub.accounts, hub.log, hub.inbox, hub.files,
                  hub.mails.get());
    // One mail, refused with that code; whether machines may write to its recipient afterwards.
    const auto isLeftAlone = [&](const std::string& to, const std::string& code, const Json& cc) {
        Json request = {{"account", "sales"}, {"to", to}, {"type", "email"}, {"subject", "x"}, {"text", "y"}};
        if (!cc.empty()) request["cc"] = cc;
        const auto prepared = outbox.prepare(request, {kDefaultOrg, "user:usr_1"});
        if (!prepared) throw std::runtime_error(prepared.error().message);
        const auto written = hub.store->writeAndWait([&](Tx& tx) {
            outbox.enqueue(tx, *prepared);
            const EndpointKey send{hub.accounts.byName("sales")->id, "send"};
            for (const Lease& lease : outbox.lease(tx, send, 10, std::chrono::seconds(60)).rows) {
                TryResult refused;
                refused.state = TryResult::State::Dead;
                refused.error = {ErrorKind::Rejected, "smtp RCPT: 550 no such user", {}, code};
                outbox.finish(tx, lease, refused);
            }
        });
        if (!written) throw std::runtime_error(written.error().message);
        const auto again = outbox.prepare(request, {kDefaultOrg, "workflow:w"});
        return !again && again.error().code == "address_suppressed";
    };

    BOOST_TEST(isLeftAlone("gone@example.org", "5.1.1", Json::array()));
    BOOST_TEST(!isLeftAlone("full@example.org", "5.2.2", Json::array()));
    BOOST_TEST(!isLeftAlone("one@example.org", "5.1.1", Json::array({"two@example.org"})));
    BOOST_TEST(hub.count("SELECT COUNT(*) FROM events WHERE type = 'mail.suppressed'") == 1);
    hub.store->close();  // the outbox listens to its commits and ends before it
}

BOOST_AUTO_TEST_CASE(machines_do_not_write_to_an_address_that_bounced_for_good_or_complained) {
    MailFixture hub;
    Outbox outbox(*hub.store, hub.ids, hub.clock, hub.accounts, hub.log, hub.inbox, hub.files,
                  hub.mails.get());
    const auto mayWrite = [&](const std::string& author, const std::string& to) {
        const Json request = {
            {"account", "sales"}, {"to", to}, {"type", "email"}, {"subject", "x"}, {"text", "y"}};
        const auto prepared = outbox.prepare(request, {kDefaultOrg, author});
        return prepared ? "yes" : prepared.error().code;
    };
    const auto come = [&](MailText mail, std::int64_t uid, const std::string& failed) {
        std::vector<FetchedMail> page;
        page.push_back(fetched(mail, uid, mail.direction == Direction::Outbound ? "Sent" : "INBOX"));
        if (mail.auto_kind == "complaint") page[0].mail->about = mail.ancestors.at(0);
        if (!failed.empty()) {
            page[0].envelopes.push_back(
                statusOf(mail.ancestors.at(0), DeliveryState::Failed, "2026-11-21T07:00:00Z", failed));
        }
        hub.accept(std::move(page));
    };
    come({.id = "out@x", .from = "ada@example.org", .direction = Direction::Outbound}, 1, "");
    come({.id = "out2@x", .from = "bob@example.org", .text = "b", .direction = Direction::Outbound}, 2, "");

    const MailText bounce{
        .id = "dsn@x", .from = "mailer-daemon@example.net", .ancestors = {"out@x"}, .auto_kind = "bounce"};
    come(bounce, 3, "eve@example.org");  // to whom it was never written: forged
    BOOST_TEST(mayWrite("workflow:w", "eve@example.org") == "yes");
    come({.id = "dsn2@x",
          .from = "mailer-daemon@example.net",
          .text = "2",
          .ancestors = {"out@x"},
          .auto_kind = "bounce"},
         4, "Ada@example.org");
    come({.id = "arf@x", .from = "abuse@example.net", .ancestors = {"out2@x"}, .auto_kind = "complaint"}, 5,
         "");

    BOOST_TEST(mayWrite("workflow:w", "ada@example.org") == "address_suppressed");
    BOOST_TEST(mayWrite("bot:away", "bob@example.org") == "address_suppressed");
    BOOST_TEST(mayWrite("user:usr_1", "ada@example.org") == "yes");
    const Json kept = listSuppressions(*hub.store, kDefaultOrg, "", {}).items;
    BOOST_REQUIRE(kept.size() == 2U);
    BOOST_TEST(textAt(kept[0], "reason") == "complaint");
    BOOST_TEST(textAt(kept[1], "reason") == "hard_bounce");
    const auto taken_off = hub.store->writeAndWait(
        [&](Tx& tx) { BOOST_TEST(removeSuppression(tx, kDefaultOrg, "ada@example.org")); });
    BOOST_TEST(taken_off.ok());
    BOOST_TEST(mayWrite("workflow:w", "ada@example.org") == "yes");
    hub.store->close();  // which tells the outbox of its last commit
}

BOOST_AUTO_TEST_CASE(the_number_of_a_ticket_in_the_subject_finds_its_conversation) {
    MailFixture hub;
    hub.accept(MailText{"a@x"}, 1);
    const Id conversation = *parseId(kConversationId, hub.conversationOf("a@x"));
    const auto made = hub.store->writeAndWait([&](Tx& tx) {
        tx.exec(
            "INSERT INTO work_items (id, org, kind, number, title, text, status, priority, conversation, "
            "source,"
            " fields, revision, created_by, created_at, changed_at)"
            " VALUES (1, $1, 'ticket', 17, 't', '', 'new', 'normal', $2, 'manual', '{}', 1, 'system', 1, 1)",
            {kDefaultOrg, conversation});
    });
    BOOST_REQUIRE(made.ok());

    hub.accept(MailText{"b@x", "ada@example.org", "News about Ticket #17", "b"}, 2);
    hub.accept(MailText{"c@x", "mallory@example.net", "News about Ticket #17", "c"}, 3);
    hub.accept(MailText{"d@x", "ada@example.org", "News about Ticket #18", "d"}, 4);

    BOOST_TEST(hub.conversationOf("b@x") == hub.conversationOf("a@x"));
    BOOST_TEST(hub.conversationOf("c@x") != hub.conversationOf("a@x"));
    BOOST_TEST(hub.conversationOf("d@x") != hub.conversationOf("a@x"));
}

BOOST_AUTO_TEST_CASE(a_poison_mail_is_kept_for_a_person_and_the_others_go_on) {
    MailFixture hub;
    std::vector<FetchedMail> page;
    page.push_back(fetched(MailText{"a@x"}, 1));
    page.push_back(fetched(MailText{"b@x"}, 2));
    page.push_back(fetched(MailText{"c@x", "ada@example.org", "Third", "c"}, 3));
    page[1].mail.reset();
    page[1].envelopes.clear();
    page[1].quarantine_reason = "mail: deeper than 50 parts";

    const auto stored = hub.accept(std::move(page));

    BOOST_TEST(stored.new_messages == 2);
    BOOST_TEST(stored.quarantined == 1);
    BOOST_TEST(hub.cursor() == "cursor-1");
    const auto kept = listQuarantined(*hub.store, {kDefaultOrg}, 10);
    BOOST_REQUIRE(kept.size() == 1U);
    BOOST_TEST(kept[0].reason == "mail: deeper than 50 parts");
    // It lies in the folder still, but is not kept a second time.
    std::vector<FetchedMail> again;
    again.push_back(fetched(MailText{"b@x"}, 2));
    BOOST_TEST(hub.accept(std::move(again)).known == 1);
}

BOOST_AUTO_TEST_CASE(what_the_database_cannot_take_is_quarantined_alone) {
    MailFixture hub;
    if (!hub.store->isExclusive()) return;  // the trigger below is SQLite's
    std::vector<FetchedMail> page;
    page.push_back(fetched(MailText{"a@x"}, 1));
    page.push_back(fetched(MailText{"b@x", "ada@example.org", "Second", "b"}, 2));
    page[0].files.resize(1);
    page[0].envelopes[0].attachments.resize(1);
    const auto fail = hub.store->writeAndWait([](Tx& tx) {
        tx.exec(
            "CREATE TRIGGER no_a BEFORE INSERT ON mails WHEN NEW.message_id = 'a@x'"
            " BEGIN SELECT RAISE(ABORT, 'refused'); END",
            {});
    });
    BOOST_REQUIRE(fail.ok());

    const auto stored = hub.accept(std::move(page));

    BOOST_TEST(stored.new_messages == 1);
    BOOST_TEST(stored.quarantined == 1);
    BOOST_TEST(hub.conversationOf("b@x") != "none");
    BOOST_TEST(hub.cursor() == "cursor-1");
}

BOOST_AUTO_TEST_CASE(an_unsubscribe_link_means_its_own_recipient_whoever_joins_later) {
    MailFixture hub;
    Outbox outbox(*hub.store, hub.ids, hub.clock, hub.accounts, hub.log, hub.inbox, hub.files,
                  hub.mails.get());
    const auto prepared = outbox.prepare({{"account", "sales"},
                                          {"to", "ada@example.org"},
                                          {"type", "email"},
                                          {"subject", "News"},
                                          {"text", "y"}},
                                         {kDefaultOrg, "workflow:w"});
    BOOST_REQUIRE(prepared.ok());
    Queued queued;
    BOOST_REQUIRE(hub.store->writeAndWait([&](Tx& tx) { queued = outbox.enqueue(tx, *prepared); }).ok());
    const auto silenced = [&](const std::string& sender) {
        std::optional<Suppression> entry;
        hub.store->read([&](Reader& reader) { entry = unsubscription(reader, queued.message, sender); });
        return entry ? entry->address : "nobody";
    };
    BOOST_TEST(silenced("ada.home@example.org") == "ada@example.org");

    MailText answer{"re@x", "ada@example.org", "Re: News", "hello", {prepared->draft.external_id}};
    std::vector<FetchedMail> page;
    page.push_back(fetched(answer, 1));
    page[0].mail->parties.push_back({"cc", "bob@example.org", ""});
    hub.accept(std::move(page));

    BOOST_TEST(silenced("") == "ada@example.org");  // the link
    BOOST_TEST(silenced("bob@example.org") == "bob@example.org");
    BOOST_TEST(silenced("eve@example.org") == "nobody");
    hub.store->close();  // which tells the outbox of its last commit
}

BOOST_AUTO_TEST_CASE(what_was_read_in_the_mailbox_is_read_here_up_to_the_first_that_was_not) {
    MailFixture hub;
    const auto markOf = [&](const std::string& message_id) {
        const Id conversation = *parseId(kConversationId, hub.conversationOf(message_id));
        std::int64_t mark = 0;
        hub.store->read([&](Reader& reader) { mark = readMailboxMark(reader, conversation); });
        return mark;
    };
    const auto see = [&](std::vector<std::int64_t> uids) {
        FetchedPage page;
        for (const std::int64_t uid : uids) page.seen_changes.push_back({"INBOX", 7, uid, true});
        page.state.cursor = "seen";
        BOOST_TEST(hub.pages->accept(hub.accounts.byName("sales"), std::move(page)).ok());
    };
    hub.accept(MailText{"a@x"}, 1);
    hub.accept(MailText{"b@x", "ada@example.org", "Offer", "two", {"a@x"}}, 2);
    hub.accept(MailText{"c@x", "ada@example.org", "Offer", "three", {"a@x"}}, 3);

    see({1, 3});
    const std::int64_t first = markOf("a@x");
    see({2});
    const std::int64_t all = markOf("a@x");
    see({2});  // told again: no news
    std::vector<FetchedMail> old;
    old.push_back(fetched(MailText{"old@x", "bob@example.org", "Long ago", "old"}, 4));
    old[0].location->is_seen = true;
    hub.accept(std::move(old));

    BOOST_TEST(first == 1);
    BOOST_TEST(all == 3);
    BOOST_TEST(markOf("old@x") == 1);  // it was read before it was fetched
    BOOST_TEST(hub.count("SELECT COUNT(*) FROM events WHERE type = 'conversation.read'") == 2);
}

BOOST_AUTO_TEST_CASE(read_here_the_mailbox_is_told_once) {
    MailFixture hub;
    hub.accept(MailText{"a@x"}, 1);
    hub.accept(MailText{"b@x", "ada@example.org", "Offer", "two", {"a@x"}}, 2);
    const Id conversation = *parseId(kConversationId, hub.conversationOf("a@x"));
    Outbox outbox(*hub.store, hub.ids, hub.clock, hub.accounts, hub.log, hub.inbox, hub.files,
                  hub.mails.get());
    const auto tell = [&] {
        const auto seen = outbox.prepareSeen(kDefaultOrg, 0, conversation, 0);
        const auto written = hub.store->writeAndWait([&](Tx& tx) {
            for (const SeenMails& mails : seen) outbox.enqueueSeen(tx, mails);
        });
        BOOST_TEST(written.ok());
        return seen.empty() ? std::size_t{0} : seen[0].places.size();
    };

    BOOST_TEST(tell() == 2U);
    BOOST_TEST(tell() == 0U);

    BOOST_TEST(hub.count("SELECT COUNT(*) FROM outbox WHERE kind = 'mark'") == 1);
    BOOST_TEST(hub.count("SELECT COUNT(*) FROM mail_locations WHERE is_seen = 1") == 2);
    hub.store->close();  // which tells the outbox of its last commit
}

}  // namespace
}  // namespace signalbox
