#include "hub/outbox/outbox.h"

#include <boost/test/unit_test.hpp>

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

}  // namespace signalbox
