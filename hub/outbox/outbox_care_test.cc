// After a crash, housekeeping, and what people do with what was not sent.
#include <boost/test/unit_test.hpp>

#include "hub/inbox/merging.h"
#include "hub/outbox/outbox.h"
#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using State = TryResult::State;

const Error kDown{ErrorKind::Unavailable, "down", {}, "503"};
const Error kGone{ErrorKind::Rejected, "no such number", {}, "131026"};

Json textTo(const std::string& account, const std::string& to, const std::string& text) {
    return {{"account", account}, {"to", to}, {"text", text}};
}

}  // namespace

// ---- crash, time, people ----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(after_a_crash_a_repeatable_send_is_due_again_with_the_same_key) {
    OutboxFixture hub;
    const Queued queued = hub.enqueue(textTo("idem", "x", "hello"));
    const std::string key = hub.lease("idem").at(0).idempotency_key;

    hub.write([&](Tx& tx) { hub.outbox.recover(tx, TimePoint::max(), 10); });

    BOOST_TEST(hub.stateOf(queued.outbox) == "pending");
    BOOST_TEST(hub.lease("idem").at(0).idempotency_key == key);
}

BOOST_AUTO_TEST_CASE(after_a_crash_a_send_that_may_not_be_repeated_is_uncertain) {
    OutboxFixture hub;
    RequestSource source{kDefaultOrg, "workflow"};
    source.run_key = "run_1/send";
    const Queued queued = hub.enqueue(textTo("wa", "+4917012345678", "hello"), source);
    hub.lease("wa");

    hub.write([&](Tx& tx) { hub.outbox.recover(tx, TimePoint::max(), 10); });

    BOOST_TEST(hub.stateOf(queued.outbox) == "uncertain");
    BOOST_TEST(hub.statusOf(queued.message) == "uncertain");
    BOOST_TEST(hub.lease("wa").empty());
    BOOST_TEST(hub.events("outbox.finished").at(0)["state"] == "uncertain");
}

BOOST_AUTO_TEST_CASE(http_requests_are_repeated_after_a_crash_when_their_method_allows_it) {
    OutboxFixture hub;
    const auto request = [](const std::string& method) {
        return Json{{"account", "http"}, {"http", {{"url", "https://example.com"}, {"method", method}}}};
    };
    const Queued get = hub.enqueue(request("GET"));
    const Queued post = hub.enqueue(request("POST"));
    Json by_nobody = request("POST"), signed_by = request("POST");
    by_nobody["http"]["signature"] = Json::object();
    signed_by["http"]["signature"] = {{"credential", "key"}};  // known again by its webhook-id
    const Queued not_signed = hub.enqueue(by_nobody), is_signed = hub.enqueue(signed_by);
    hub.lease("http", "http example.com");

    hub.write([&](Tx& tx) { hub.outbox.recover(tx, TimePoint::max(), 10); });

    BOOST_TEST(hub.stateOf(get.outbox) == "pending");
    BOOST_TEST(hub.stateOf(post.outbox) == "uncertain");
    BOOST_TEST(hub.stateOf(not_signed.outbox) == "uncertain");
    BOOST_TEST(hub.stateOf(is_signed.outbox) == "pending");
}

BOOST_AUTO_TEST_CASE(a_message_that_ends_the_process_three_times_may_have_arrived) {
    OutboxFixture hub;
    const Queued queued = hub.enqueue(textTo("idem", "x", "hello"));

    for (int i = 0; i < 3; ++i) {
        BOOST_REQUIRE(hub.lease("idem").size() == 1U);
        hub.write([&](Tx& tx) { hub.outbox.recover(tx, TimePoint::max(), 10); });
    }

    BOOST_TEST(hub.stateOf(queued.outbox) == "uncertain");
    BOOST_TEST(hub.statusOf(queued.message) == "uncertain");
    BOOST_TEST(hub.entry(queued.outbox)["error"]["code"] == "poison");
    hub.write([&](Tx& tx) { BOOST_TEST(hub.outbox.retry(tx, kDefaultOrg, queued.outbox).ok()); });
    // Whoever sends it again looks first whether it has left.
    BOOST_TEST(hub.lease("idem").at(0).may_have_left);
}

BOOST_AUTO_TEST_CASE(leases_that_still_hold_are_not_recovered) {
    OutboxFixture hub;
    const Queued queued = hub.enqueue(textTo("wa", "+4917012345678", "hello"));
    const Lease lease = hub.lease("wa").at(0);
    hub.write([&](Tx& tx) { hub.outbox.extend(tx, lease, hub.clock.now() + 120s); });
    hub.clock.advance(90s);

    hub.write([&](Tx& tx) { hub.outbox.recover(tx, hub.clock.now(), 10); });

    BOOST_TEST(hub.stateOf(queued.outbox) == "leased");
}

BOOST_AUTO_TEST_CASE(what_is_given_back_untried_is_due_as_before) {
    OutboxFixture hub;
    const Queued queued = hub.enqueue(textTo("wa", "+4917012345678", "hello"));

    hub.write([&](Tx& tx) {
        hub.outbox.release(tx, hub.outbox.lease(tx, {hub.accounts.byName("wa")->id, "send"}, 1, 60s).rows);
    });

    BOOST_TEST(hub.stateOf(queued.outbox) == "pending");
    BOOST_TEST(hub.lease("wa").at(0).attempts == 0);
}

BOOST_AUTO_TEST_CASE(a_message_whose_time_is_over_is_never_leased) {
    OutboxFixture hub;
    Json request = textTo("wa", "+4917012345678", "hello");
    request["expires_in_s"] = 60;
    const Queued queued = hub.enqueue(request);
    hub.clock.advance(60s);

    BOOST_TEST(hub.lease("wa").empty());
    BOOST_TEST(hub.stateOf(queued.outbox) == "dead");
    BOOST_TEST(hub.statusOf(queued.message) == "failed");
    BOOST_TEST(hub.entry(queued.outbox)["error"]["code"] == "expired");
}

BOOST_AUTO_TEST_CASE(housekeeping_ends_what_waits_beyond_its_time_also_behind_others) {
    OutboxFixture hub;
    const Queued first = hub.enqueue(textTo("wa", "+4917012345678", "one"));
    const Queued second = hub.enqueue(textTo("wa", "+4917012345678", "two"));
    hub.clock.advance(4h);

    hub.write([&](Tx& tx) { hub.outbox.tidy(tx, hub.clock.now() - 24h); });

    BOOST_TEST(hub.stateOf(first.outbox) == "dead");
    BOOST_TEST(hub.stateOf(second.outbox) == "dead");
}

BOOST_AUTO_TEST_CASE(housekeeping_says_when_there_is_more_to_end) {
    OutboxFixture hub;
    for (int i = 0; i < 201; ++i) hub.enqueue(textTo("idem", "peer " + std::to_string(i), "x"));
    hub.clock.advance(4h);
    std::vector<bool> has_more;

    for (int i = 0; i < 2; ++i) {
        hub.write([&](Tx& tx) { has_more.push_back(hub.outbox.tidy(tx, hub.clock.now() - 24h)); });
    }

    BOOST_TEST(has_more == (std::vector<bool>{true, false}));
    BOOST_TEST(readOutboxFigures(*hub.store).pending == 0);
}

BOOST_AUTO_TEST_CASE(an_entry_is_shown_without_the_credentials_in_its_headers) {
    OutboxFixture hub;
    const Json headers = {{"Authorization", "Bearer canary"}, {"Content-Type", "text/plain"}};

    const Queued queued =
        hub.enqueue({{"account", "http"}, {"http", {{"url", "https://example.com"}, {"headers", headers}}}});

    const Json shown = hub.entry(queued.outbox)["request"]["content"]["headers"];
    BOOST_TEST(shown["Authorization"] == "***");
    BOOST_TEST(shown["Content-Type"] == "text/plain");
    const auto lease = hub.lease("http", "http example.com").at(0);
    BOOST_TEST(toOutbound(lease, *hub.accounts.byName("http")).content["headers"] == headers);
}

BOOST_AUTO_TEST_CASE(old_finished_rows_are_deleted_and_others_kept) {
    OutboxFixture hub;
    const Queued old = hub.enqueue(textTo("wa", "+4917012345678", "one"));
    hub.finish(hub.lease("wa").at(0), sentAs("a"));
    hub.clock.advance(48h);
    const Queued young = hub.enqueue(textTo("wa", "+4917012345678", "two"));

    hub.write([&](Tx& tx) { hub.outbox.tidy(tx, hub.clock.now() - 24h); });

    BOOST_TEST(hub.entry(old.outbox).is_null());
    BOOST_TEST(hub.stateOf(young.outbox) == "pending");
}

BOOST_AUTO_TEST_CASE(a_dead_letter_can_be_sent_again) {
    OutboxFixture hub;
    const Queued queued = hub.enqueue(textTo("wa", "+4917012345678", "hello"));
    hub.finish(hub.lease("wa").at(0), endedWith(State::Dead, kGone));
    hub.clock.advance(10h);

    Status done = Error{};
    hub.write([&](Tx& tx) { done = hub.outbox.retry(tx, kDefaultOrg, queued.outbox); });

    BOOST_TEST(done.ok());
    BOOST_TEST(hub.statusOf(queued.message) == "queued");
    hub.finish(hub.lease("wa").at(0), sentAs("wamid.late"));
    BOOST_TEST(hub.statusOf(queued.message) == "accepted");
}

BOOST_AUTO_TEST_CASE(of_a_deleted_message_nothing_is_left_to_send) {
    OutboxFixture hub;
    const Queued queued = hub.enqueue(textTo("wa", "+4917012345678", "secret words"));
    hub.finish(hub.lease("wa").at(0), endedWith(State::Dead, kGone));

    Status retried = Done{};
    hub.write([&](Tx& tx) {
        hub.outbox.discardOf(tx, queued.message);
        retried = hub.outbox.retry(tx, kDefaultOrg, queued.outbox);
    });

    BOOST_TEST(!retried.ok());
    BOOST_TEST(hub.stateOf(queued.outbox) == "cancelled");
    BOOST_TEST(dumpJson(hub.entry(queued.outbox)).find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_written_to_a_merged_conversation_goes_to_the_one_it_is_in_now) {
    OutboxFixture hub;
    hub.accept({textFrom("+4917012345678", "a", "wamid.1")});
    hub.accept({textFrom("+4917012345679", "b", "wamid.2")});
    const auto conversationOf = [&](const char* text) {
        for (const Json& message : hub.messages())
            if (textAt(message, "text") == text) return textAt(message, "conversation_id");
        return std::string();
    };
    const auto idOf = [&](const char* text) {
        for (const Json& message : hub.messages())
            if (textAt(message, "text") == text) return textAt(message, "id");
        return std::string();
    };
    const std::string gone = conversationOf("a"), kept = conversationOf("b");
    Merging merging(hub.clock, hub.log, hub.inbox);
    hub.write([&](Tx& tx) {
        BOOST_REQUIRE(merging
                          .merge(tx, {kDefaultOrg, 7, 7, "user:me"}, hub.ids.next(),
                                 *parseId(kConversationId, kept), *parseId(kConversationId, gone))
                          .ok());
    });

    const PreparedRequest later = hub.prepare({{"conversation_id", gone}, {"text", "yes"}});
    BOOST_TEST(idText(kConversationId, *later.conversation) == kept);
    BOOST_TEST(later.to.value == "+4917012345679");

    // Who is answered gets the answer, not whoever the conversation was with.
    const PreparedRequest answer =
        hub.prepare({{"conversation_id", kept}, {"text", "yes"}, {"reply_to", idOf("a")}});
    BOOST_TEST(answer.to.value == "+4917012345678");
    BOOST_TEST(hub.prepare({{"conversation_id", kept}, {"text", "yes"}, {"reply_to", idOf("b")}}).to.value ==
               "+4917012345679");
}

BOOST_AUTO_TEST_CASE(an_uncertain_row_that_a_late_receipt_settled_is_not_sent_again) {
    OutboxFixture hub;
    const Queued queued = hub.enqueue(textTo("wa", "+4917012345678", "hello"));
    hub.finish(hub.lease("wa").at(0), endedWith(State::Uncertain, {ErrorKind::Uncertain, "no answer"}));
    Envelope receipt = statusOf("wamid.7", DeliveryState::Delivered, "2026-01-05T09:00:05Z");
    receipt.status.reference = idText(kMessageId, queued.message);
    hub.accept({receipt});

    Status done = Done{};
    hub.write([&](Tx& tx) { done = hub.outbox.retry(tx, kDefaultOrg, queued.outbox); });

    BOOST_TEST(!done.ok());
    BOOST_TEST(hub.stateOf(queued.outbox) == "sent");
    BOOST_TEST(hub.lease("wa").empty());
}

BOOST_AUTO_TEST_CASE(what_is_under_way_can_be_neither_retried_nor_cancelled) {
    OutboxFixture hub;
    const Queued queued = hub.enqueue(textTo("wa", "+4917012345678", "hello"));
    hub.lease("wa");

    hub.write([&](Tx& tx) {
        BOOST_TEST(toString(hub.outbox.retry(tx, kDefaultOrg, queued.outbox).error().kind) == "conflict");
        BOOST_TEST(toString(hub.outbox.cancel(tx, kDefaultOrg, queued.outbox).error().kind) == "conflict");
        BOOST_TEST(toString(hub.outbox.discard(tx, kDefaultOrg, queued.outbox).error().kind) == "conflict");
        BOOST_TEST(toString(hub.outbox.retry(tx, 2, queued.outbox).error().kind) == "not_found");
    });
}

BOOST_AUTO_TEST_CASE(a_cancelled_message_makes_room_for_the_next) {
    OutboxFixture hub;
    const Queued first = hub.enqueue(textTo("wa", "+4917012345678", "one"));
    const Queued second = hub.enqueue(textTo("wa", "+4917012345678", "two"));

    hub.write([&](Tx& tx) { BOOST_TEST(hub.outbox.cancel(tx, kDefaultOrg, first.outbox).ok()); });

    BOOST_TEST(hub.statusOf(first.message) == "cancelled");
    BOOST_TEST(hub.lease("wa").at(0).id == second.outbox);
}

BOOST_AUTO_TEST_CASE(bulk_retry_spreads_ten_in_a_second) {
    OutboxFixture hub;
    for (int i = 0; i < 25; ++i) {
        hub.enqueue(textTo("idem", "peer " + std::to_string(i), "x"));
        hub.finish(hub.lease("idem").at(0), endedWith(State::Dead, kGone));
    }

    std::size_t revived = 0;
    hub.write([&](Tx& tx) { revived = hub.outbox.retryAll(tx, kDefaultOrg, 0, 0, 100); });

    BOOST_TEST(revived == 25U);
    hub.clock.advance(950ms);
    BOOST_TEST(hub.lease("idem").size() == 10U);
    hub.clock.advance(1s);
    BOOST_TEST(hub.lease("idem").size() == 10U);
}

BOOST_AUTO_TEST_CASE(lists_filter_by_state_and_page_from_the_newest) {
    OutboxFixture hub;
    std::vector<Id> dead;
    for (int i = 0; i < 5; ++i) {
        dead.push_back(hub.enqueue(textTo("idem", "peer " + std::to_string(i), "x")).outbox);
        hub.finish(hub.lease("idem").at(0), endedWith(State::Dead, kGone));
    }
    hub.enqueue(textTo("wa", "+4917012345678", "pending"));

    const OutboxPage first = listOutbox(*hub.store, hub.accounts, kDefaultOrg, {"dead", 0, 0, 3});
    BOOST_REQUIRE(first.next.has_value());
    const OutboxPage rest = listOutbox(*hub.store, hub.accounts, kDefaultOrg, {"dead", 0, *first.next, 3});

    BOOST_TEST(first.items.size() == 3U);
    BOOST_TEST(first.items[0]["id"] == idText(kOutboxId, dead[4]));
    BOOST_TEST(rest.items.size() == 2U);
    BOOST_TEST(!rest.next.has_value());
    BOOST_TEST(listOutbox(*hub.store, hub.accounts, kDefaultOrg, {}).items.size() == 6U);
    BOOST_TEST(listOutbox(*hub.store, hub.accounts, 2, {}).items.size() == 0U);
    const OutboxFigures figures = readOutboxFigures(*hub.store);
    BOOST_TEST(figures.pending == 1);
    BOOST_TEST(figures.dead == 5);
    BOOST_TEST((figures.oldest_pending == hub.clock.now()));
}

}  // namespace signalbox
