#include "hub/outbox/outbox.h"

#include <boost/test/unit_test.hpp>

#include "hub/inbox/merging.h"
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

std::string faultOf(OutboxFixture& hub, const Json& request) {
    const auto prepared = hub.outbox.prepare(request, {kDefaultOrg, "api"});
    return prepared ? "" : prepared.error().message;
}

}  // namespace

// ---- into the outbox --------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_request_becomes_a_queued_message_and_a_row_in_one_commit) {
    OutboxFixture hub;

    const Queued queued = hub.enqueue(textTo("wa", "0170 12345678", "hello"));

    BOOST_TEST(hub.statusOf(queued.message) == "queued");
    BOOST_TEST(hub.stateOf(queued.outbox) == "pending");
    BOOST_TEST(queued.offset == 1);
    BOOST_TEST(hub.eventTypes() == std::vector<std::string>{"message.queued"});
    const auto leases = hub.lease("wa");
    BOOST_REQUIRE(leases.size() == 1U);
    const OutboundMessage message = toOutbound(leases[0], *hub.accounts.byName("wa"));
    BOOST_TEST(message.to.kind == "phone");
    BOOST_TEST(message.to.value == "+4917012345678");
    BOOST_TEST(message.text == "hello");
    BOOST_TEST(message.id == queued.message);
    BOOST_TEST(message.idempotency_key == idText(kMessageId, queued.message));
    BOOST_TEST(message.attempt == 1);
}

BOOST_AUTO_TEST_CASE(an_answer_goes_to_the_conversation_with_what_the_channel_needs_to_know) {
    OutboxFixture hub;
    Envelope question = textFrom("+4917012345678", "hello?", "wamid.1");
    question.provider_time = hub.clock.now() - 5min;
    hub.accept({question});
    const Json asked = hub.messages()[0];

    hub.enqueue({{"conversation_id", asked["conversation_id"]}, {"text", "yes"}, {"reply_to", asked["id"]}});

    const auto leases = hub.lease("wa");
    BOOST_REQUIRE(leases.size() == 1U);
    const OutboundMessage message = toOutbound(leases[0], *hub.accounts.byName("wa"));
    BOOST_TEST(message.to.value == "+4917012345678");
    BOOST_TEST(message.in_reply_to == "wamid.1");
    BOOST_TEST((message.last_inbound_at == hub.clock.now() - 5min));
}

BOOST_AUTO_TEST_CASE(an_answer_to_our_own_message_finds_its_id_once_the_provider_gave_one) {
    OutboxFixture hub;
    const Queued first = hub.enqueue(textTo("wa", "+4917012345678", "one"));
    Json second = textTo("wa", "+4917012345678", "two");
    second["reply_to"] = idText(kMessageId, first.message);
    hub.enqueue(second);

    hub.finish(hub.lease("wa")[0], sentAs("wamid.own"));

    const auto leases = hub.lease("wa");
    BOOST_REQUIRE(leases.size() == 1U);
    BOOST_TEST(toOutbound(leases[0], *hub.accounts.byName("wa")).in_reply_to == "wamid.own");
}

BOOST_AUTO_TEST_CASE(a_read_mark_without_a_target_means_the_newest_message_that_came_in) {
    OutboxFixture hub;
    hub.accept({textFrom("+4917012345678", "one", "wamid.1")});
    hub.accept({textFrom("+4917012345678", "two", "wamid.2")});

    const Queued queued =
        hub.enqueue({{"conversation_id", hub.messages()[0]["conversation_id"]}, {"type", "mark_read"}});

    BOOST_TEST(queued.message == 0);
    const auto leases = hub.lease("wa");
    BOOST_REQUIRE(leases.size() == 1U);
    const OutboundMessage message = toOutbound(leases[0], *hub.accounts.byName("wa"));
    BOOST_TEST(message.type == "mark_read");
    BOOST_TEST(message.in_reply_to == "wamid.2");
    BOOST_TEST(hub.messages().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_conversation_on_another_channel_than_the_accounts_tells_the_connector) {
    OutboxFixture hub;
    Envelope question = textFrom("+14155550100", "hi", "SM1");
    question.channel = "whatsapp";
    hub.accept({question}, "sms");

    hub.enqueue({{"conversation_id", hub.messages()[0]["conversation_id"]}, {"text", "yes"}});

    const auto leases = hub.lease("sms");
    BOOST_REQUIRE(leases.size() == 1U);
    BOOST_TEST(toOutbound(leases[0], *hub.accounts.byName("sms")).content["channel"] == "whatsapp");
}

BOOST_AUTO_TEST_CASE(the_channel_says_what_a_bare_address_means) {
    OutboxFixture hub;
    const auto identity = [&](const std::string& account, const Json& to) {
        const Identity found = hub.prepare({{"account", account}, {"to", to}, {"text", "x"}}).to;
        return found.kind + " " + found.value;
    };

    BOOST_TEST(identity("wa", "DE.1234567890") == "wa_user_id DE.1234567890");
    BOOST_TEST(identity("wa", "+49 170 12345678") == "phone +4917012345678");
    BOOST_TEST(identity("sms", "(415) 555-0100") == "phone +14155550100");
    BOOST_TEST(identity("idem", "visitor 5") == "external visitor 5");
    BOOST_TEST(identity("idem", {{"kind", "email"}, {"value", "Ada@Example.com"}}) ==
               "email ada@example.com");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_is_refused_with_the_field_and_without_the_address) {
    OutboxFixture hub;

    BOOST_TEST(faultOf(hub, textTo("nobody", "+4917012345678", "x")) ==
               "account: there is none of this name");
    const std::string no_number = faultOf(hub, textTo("wa", "de.12", "x"));
    BOOST_TEST(no_number.starts_with("to: no phone number"));
    BOOST_TEST(no_number.find("de.12") == std::string::npos);
    BOOST_TEST(faultOf(hub, {{"conversation_id", idText(kConversationId, 99)}, {"text", "x"}}) ==
               "conversation_id: there is no such conversation");
    BOOST_TEST(faultOf(hub, {{"account", "wa"}, {"http", {{"url", "https://example.com"}}}}) ==
               "account: an http request needs an account of type http");
    Json reply = textTo("wa", "+4917012345678", "x");
    reply["reply_to"] = idText(kMessageId, 99);
    BOOST_TEST(faultOf(hub, reply) == "reply_to: there is no such message on this account");
}

BOOST_AUTO_TEST_CASE(another_organization_reaches_neither_account_nor_conversation) {
    OutboxFixture hub;
    hub.accept({textFrom("+4917012345678", "hello", "wamid.1")});
    const RequestSource stranger{2, "api"};

    const auto by_account = hub.outbox.prepare(textTo("wa", "+4917012345678", "x"), stranger);
    const auto by_conversation = hub.outbox.prepare(
        {{"conversation_id", hub.messages()[0]["conversation_id"]}, {"text", "x"}}, stranger);

    BOOST_TEST(toString(by_account.error().kind) == "not_found");
    BOOST_TEST(toString(by_conversation.error().kind) == "not_found");
}

BOOST_AUTO_TEST_CASE(the_same_key_twice_is_one_message) {
    OutboxFixture hub;
    const RequestSource source{kDefaultOrg, "workflow", "", "run-7-send"};

    const Queued first = hub.enqueue(textTo("wa", "+4917012345678", "hello"), source);
    const Queued second = hub.enqueue(textTo("wa", "+4917012345678", "hello"), source);

    BOOST_TEST(first.is_new);
    BOOST_TEST(!second.is_new);
    BOOST_TEST(second.outbox == first.outbox);
    BOOST_TEST(second.message == first.message);
    BOOST_TEST(second.conversation == first.conversation);
    BOOST_TEST(hub.messages().size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_same_client_token_is_one_message_for_one_author_only) {
    OutboxFixture hub;
    const Json request = textTo("wa", "+4917012345678", "hello");

    const Queued first = hub.enqueue(request, {kDefaultOrg, "agent", "token-1"});
    const Queued again = hub.enqueue(request, {kDefaultOrg, "agent", "token-1"});
    const Queued other = hub.enqueue(request, {kDefaultOrg, "api", "token-1"});

    BOOST_TEST(again.message == first.message);
    BOOST_TEST(other.message != first.message);
}

// ---- lanes and leases -------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(of_one_conversation_only_the_oldest_is_leased) {
    OutboxFixture hub;
    const Queued one = hub.enqueue(textTo("wa", "+4917012345678", "one"));
    const Queued two = hub.enqueue(textTo("wa", "+4917012345678", "two"));
    const Queued other = hub.enqueue(textTo("wa", "+4917099999999", "other"));

    const auto leases = hub.lease("wa");

    BOOST_REQUIRE(leases.size() == 2U);
    BOOST_TEST(leases[0].id == one.outbox);
    BOOST_TEST(leases[1].id == other.outbox);
    hub.finish(leases[0], sentAs("a"));
    BOOST_TEST(hub.lease("wa").at(0).id == two.outbox);
}

BOOST_AUTO_TEST_CASE(a_row_that_waits_for_its_next_try_holds_its_lane_back) {
    OutboxFixture hub;
    hub.enqueue(textTo("wa", "+4917012345678", "one"));
    hub.enqueue(textTo("wa", "+4917012345678", "two"));
    TryResult retry = endedWith(State::Retry, kDown);
    retry.next_at = hub.clock.now() + 10s;

    hub.finish(hub.lease("wa")[0], retry);

    BOOST_TEST(hub.lease("wa").empty());
    hub.clock.advance(10s);
    const auto leases = hub.lease("wa");
    BOOST_REQUIRE(leases.size() == 1U);
    BOOST_TEST(toOutbound(leases[0], *hub.accounts.byName("wa")).text == "one");
    BOOST_TEST(leases[0].attempts == 1);
}

BOOST_AUTO_TEST_CASE(dead_and_uncertain_rows_let_their_lane_go_on) {
    OutboxFixture hub;
    const Queued dead = hub.enqueue(textTo("wa", "+4917012345678", "one"));
    const Queued uncertain = hub.enqueue(textTo("wa", "+4917012345678", "two"));
    const Queued last = hub.enqueue(textTo("wa", "+4917012345678", "three"));

    hub.finish(hub.lease("wa").at(0), endedWith(State::Dead, kGone));
    hub.finish(hub.lease("wa").at(0), endedWith(State::Uncertain, {ErrorKind::Uncertain, "no answer"}));

    BOOST_TEST(hub.stateOf(dead.outbox) == "dead");
    BOOST_TEST(hub.statusOf(dead.message) == "failed");
    BOOST_TEST(hub.stateOf(uncertain.outbox) == "uncertain");
    BOOST_TEST(hub.statusOf(uncertain.message) == "uncertain");
    BOOST_TEST(hub.lease("wa").at(0).id == last.outbox);
}

BOOST_AUTO_TEST_CASE(a_result_under_a_lost_lease_changes_nothing) {
    OutboxFixture hub;
    const Queued queued = hub.enqueue(textTo("idem", "x", "hello"));
    const Lease lost = hub.lease("idem").at(0);
    hub.clock.advance(61s);
    hub.write([&](Tx& tx) { hub.outbox.recover(tx, hub.clock.now(), 10); });
    const Lease good = hub.lease("idem").at(0);

    BOOST_TEST(!hub.finish(lost, sentAs("zombie")));
    BOOST_TEST(hub.stateOf(queued.outbox) == "leased");
    BOOST_TEST(hub.statusOf(queued.message) == "queued");
    BOOST_TEST(hub.finish(good, sentAs("good")));
    BOOST_TEST(!hub.finish(good, sentAs("twice")));
    BOOST_TEST(hub.entry(queued.outbox)["external_id"] == "good");
}

BOOST_AUTO_TEST_CASE(requests_of_a_workflow_do_not_wait_for_each_other_unless_it_says_so) {
    OutboxFixture hub;
    const Json request = {{"account", "http"}, {"http", {{"url", "https://api.example.com/x"}}}};
    RequestSource ordered{kDefaultOrg, "workflow"};
    ordered.lane = "run-1";

    hub.enqueue(request, {kDefaultOrg, "workflow"});
    hub.enqueue(request, {kDefaultOrg, "workflow"});
    hub.enqueue(request, ordered);
    hub.enqueue(request, ordered);

    BOOST_TEST(hub.lease("http", "http api.example.com").size() == 3U);
}

BOOST_AUTO_TEST_CASE(each_host_of_http_requests_is_an_endpoint_of_its_own) {
    OutboxFixture hub;
    const auto endpoint = [&](const std::string& url) {
        return hub.prepare({{"account", "http"}, {"http", {{"url", url}}}}).endpoint;
    };

    BOOST_TEST(endpoint("https://API.example.com:8443/x?y") == "http api.example.com:8443");
    BOOST_TEST(endpoint("https://user:secret@example.com/") == "http example.com");
    BOOST_TEST(endpoint("/contacts") == "http");
}

// ---- results ----------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_workflow_that_waits_is_told_how_it_ended) {
    OutboxFixture hub;
    RequestSource source{kDefaultOrg, "workflow"};
    source.run_key = "run_1/send";
    hub.enqueue({{"account", "http"}, {"http", {{"url", "https://example.com"}}}}, source);
    hub.enqueue(textTo("wa", "+4917012345678", "hello"), source);
    TryResult answered = sentAs("");
    answered.receipt.content = {{"status", 200}};

    hub.finish(hub.lease("http", "http example.com").at(0), answered);
    hub.finish(hub.lease("wa").at(0), endedWith(State::Dead, kGone));

    const auto events = hub.events("outbox.finished");
    BOOST_REQUIRE(events.size() == 2U);
    BOOST_TEST(events[0]["run_key"] == "run_1/send");
    BOOST_TEST(events[0]["state"] == "sent");
    BOOST_TEST(events[0]["kind"] == "http");
    BOOST_TEST(events[0]["content"]["status"] == 200);
    BOOST_TEST(events[1]["state"] == "failed");
    BOOST_TEST(events[1]["error"]["kind"] == "rejected");
    BOOST_TEST(events[1]["error"]["code"] == "131026");
}

BOOST_AUTO_TEST_CASE(nobody_is_told_about_a_message_that_nobody_waits_for) {
    OutboxFixture hub;
    hub.enqueue(textTo("wa", "+4917012345678", "hello"));

    hub.finish(hub.lease("wa").at(0), sentAs("wamid.9"));

    BOOST_TEST(hub.events("outbox.finished").empty());
    BOOST_TEST(hub.eventTypes() == (std::vector<std::string>{"message.queued", "message.status"}));
}

BOOST_AUTO_TEST_CASE(a_receipt_whose_id_came_as_an_echo_before_is_still_a_receipt) {
    OutboxFixture hub;
    const Queued queued = hub.enqueue(textTo("wa", "+4917012345678", "hello"));
    const Lease lease = hub.lease("wa").at(0);
    Envelope echo = textFrom("+4917012345678", "hello", "wamid.echo");
    echo.direction = Direction::Outbound;
    hub.accept({echo});

    BOOST_TEST(hub.finish(lease, sentAs("wamid.echo")));

    BOOST_TEST(hub.stateOf(queued.outbox) == "sent");
    BOOST_TEST(hub.statusOf(queued.message) == "accepted");
}

BOOST_AUTO_TEST_CASE(a_credential_fault_blocks_the_account_until_it_is_resumed) {
    OutboxFixture hub;
    const Queued first = hub.enqueue(textTo("wa", "+4917012345678", "one"));
    hub.enqueue(textTo("wa", "+4917099999999", "two"));
    const Error unauthorized{ErrorKind::Unauthorized, "token expired", {}, "190"};

    for (const Lease& lease : hub.lease("wa")) hub.finish(lease, endedWith(State::Blocked, unauthorized));
    const Queued later = hub.enqueue(textTo("wa", "+4917088888888", "three"));

    BOOST_TEST(hub.stateOf(first.outbox) == "blocked");
    BOOST_TEST(hub.statusOf(first.message) == "blocked");
    BOOST_TEST(hub.lease("wa").empty());
    BOOST_TEST(hub.stateOf(later.outbox) == "pending");
    BOOST_REQUIRE(hub.events("account.blocked").size() == 1U);
    BOOST_TEST(hub.events("account.blocked")[0]["reason"] == "token expired");
    bool was_blocked = false;
    hub.write([&](Tx& tx) { was_blocked = hub.outbox.resume(tx, *hub.accounts.byName("wa")); });
    BOOST_TEST(was_blocked);
    BOOST_TEST(hub.statusOf(first.message) == "queued");
    BOOST_TEST(hub.lease("wa").size() == 3U);
}

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
    hub.write([&](Tx& tx) { revived = hub.outbox.retryAll(tx, kDefaultOrg, 0, 100); });

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
