#include "daemon/delivery/dispatcher.h"

#include <boost/test/unit_test.hpp>
#include <latch>

#include "tests/support/delivery_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

const Error kDown{ErrorKind::Unavailable, "down", {}, "503"};
const Error kThrottled{ErrorKind::Throttled, "too fast", 30s, "429"};
const Error kSilent{ErrorKind::Uncertain, "no answer", {}, "timeout"};
const Error kExpiredToken{ErrorKind::Unauthorized, "token expired", {}, "190"};

Receipt accepted(const std::string& id) {
    return {id, DeliveryState::Accepted, Json::object()};
}

// A provider that does not answer until it is let go, or told to stop.
struct Stuck {
    ScriptedConnector::OnSend script() {
        return [this](const OutboundMessage& message, const std::stop_token& stop) -> Result<Receipt> {
            ++waiting;
            while (!is_free && !stop.stop_requested()) std::this_thread::sleep_for(1ms);
            if (!is_free) return kSilent;
            return accepted("late-" + message.idempotency_key);
        };
    }
    std::atomic<bool> is_free = false;
    std::atomic<int> waiting = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_queued_is_sent_and_the_message_shows_it) {
    DeliveryFixture hub;
    hub.start();

    const Queued queued = hub.text("wa", "+4917012345678", "hello");

    BOOST_TEST(hub.reaches(queued, "sent"));
    BOOST_TEST(hub.statusOf(queued.message) == "accepted");
    BOOST_TEST(hub.provider("wa").texts() == std::vector<std::string>{"hello"});
    BOOST_TEST(hub.entry(queued.outbox)["external_id"] == "ext-" + idText(kMessageId, queued.message));
}

BOOST_AUTO_TEST_CASE(a_thousand_messages_of_fifty_conversations_keep_their_order) {
    DeliveryFixture hub;
    hub.start();
    for (int i = 0; i < 1'000; ++i) hub.text("idem", "peer " + std::to_string(i % 50), std::to_string(i));

    BOOST_TEST(eventually([&] { return readOutboxFigures(*hub.store).pending == 0; }));

    const auto sent = hub.provider("idem").sent();
    BOOST_TEST(sent.size() == 1'000U);
    std::map<std::string, int> last;
    bool is_ordered = true;
    for (const auto& message : sent) {
        const int number = std::stoi(message.text);
        is_ordered = is_ordered && (!last.contains(message.to.value) || last[message.to.value] < number);
        last[message.to.value] = number;
    }
    BOOST_TEST(is_ordered);
    BOOST_TEST(hub.provider("idem").mostAtOnce() <= 8);
}

BOOST_AUTO_TEST_CASE(a_failed_send_is_tried_again_after_its_wait_and_not_before) {
    DeliveryFixture hub;
    hub.provider("idem").answers({kDown, accepted("ok")});
    hub.start();

    const Queued queued = hub.text("idem", "x", "hello");

    BOOST_TEST(eventually([&] { return hub.entry(queued.outbox)["attempts"] == 1; }));
    BOOST_TEST(hub.stateOf(queued.outbox) == "pending");
    hub.clock.advance(1s);
    BOOST_TEST(hub.passes("wa"));
    BOOST_TEST(hub.provider("idem").count() == 1U);
    hub.clock.advance(2s);
    BOOST_TEST(hub.reaches(queued, "sent"));
    const auto sent = hub.provider("idem").sent();
    BOOST_TEST(sent.at(1).attempt == 2);
    BOOST_TEST(sent.at(1).idempotency_key == sent.at(0).idempotency_key);
}

BOOST_AUTO_TEST_CASE(throttling_waits_as_long_as_the_provider_said_and_uses_up_no_try) {
    DeliveryFixture hub;
    hub.provider("wa").answers({kThrottled, accepted("ok")});
    hub.start();

    const Queued queued = hub.text("wa", "+4917012345678", "hello");

    BOOST_TEST(eventually([&] { return hub.entry(queued.outbox)["deferrals"] == 1; }));
    BOOST_TEST(hub.entry(queued.outbox)["attempts"] == 0);
    hub.clock.advance(29s);
    BOOST_TEST(hub.passes("idem"));
    BOOST_TEST(hub.provider("wa").count() == 1U);
    hub.clock.advance(1s);
    BOOST_TEST(hub.reaches(queued, "sent"));
}

BOOST_AUTO_TEST_CASE(a_provider_that_is_down_is_left_alone_and_then_probed) {
    DeliveryFixture hub(DeliveryOptions{{16, 4, 1}});
    std::atomic<bool> is_down = true;
    hub.provider("idem").onSend([&](const OutboundMessage&, const std::stop_token&) -> Result<Receipt> {
        if (is_down) return kDown;
        return accepted("");
    });
    hub.start();
    std::vector<Queued> queued;
    for (int i = 0; i < 20; ++i) queued.push_back(hub.text("idem", "peer " + std::to_string(i), "x"));

    BOOST_TEST(eventually([&] { return !readBreakers(*hub.store).empty(); }));
    BOOST_TEST(hub.passes("wa"));
    BOOST_TEST(hub.provider("idem").count() == 5U);
    BOOST_TEST(hub.entry(queued[10].outbox)["attempts"] == 0);

    hub.clock.advance(30s);
    BOOST_TEST(eventually([&] { return readBreakers(*hub.store).at(0).opened_times == 2; }));
    BOOST_TEST(hub.provider("idem").count() == 6U);

    is_down = false;
    hub.clock.advance(60s);
    BOOST_TEST(eventually([&] { return readOutboxFigures(*hub.store).pending == 0; }));
    BOOST_TEST(readBreakers(*hub.store).empty());
}

BOOST_AUTO_TEST_CASE(what_is_looked_for_after_a_server_died_keeps_no_other_message_from_it) {
    DeliveryFixture hub(DeliveryOptions{{16, 4, 1}});
    std::atomic<bool> is_dying = true;
    hub.provider("idem").onSend(
        [&](const OutboundMessage& message, const std::stop_token&) -> Result<Receipt> {
            if (message.is_unanswered)
                return Error{ErrorKind::Uncertain, "it is not found", {}, std::string(kNotInSent)};
            if (is_dying) return kSilent;
            return accepted("");
        });
    hub.start();
    for (int i = 0; i < 5; ++i) hub.text("idem", "peer " + std::to_string(i), "x");
    BOOST_REQUIRE(eventually([&] { return !readBreakers(*hub.store).empty(); }));
    is_dying = false;
    hub.clock.advance(10s);
    const Queued behind = hub.text("idem", "somebody else", "behind those that are looked for");

    hub.clock.advance(20s);

    BOOST_TEST(hub.reaches(behind, "sent"));
    BOOST_TEST(readBreakers(*hub.store).at(0).opened_times == 1);
}

BOOST_AUTO_TEST_CASE(what_may_have_left_is_not_forgotten_while_its_account_is_away) {
    DeliveryFixture hub;
    std::atomic<bool> is_looked_up = false;
    hub.provider("idem").onSend(
        [&](const OutboundMessage& message, const std::stop_token&) -> Result<Receipt> {
            if (!message.is_unanswered) return kSilent;
            is_looked_up = true;
            return accepted("");
        });
    hub.start();
    Queued queued;
    queued = hub.text("idem", "x", "hello");
    BOOST_REQUIRE(eventually([&] { return hub.entry(queued.outbox)["attempts"] == 1; }));

    hub.setMissing("idem", 1);  // after it was leased
    hub.clock.advance(3s);
    BOOST_REQUIRE(eventually([&] { return hub.entry(queued.outbox)["attempts"] == 2; }));
    hub.setMissing("");
    hub.clock.advance(60s);

    BOOST_TEST(hub.reaches(queued, "sent"), hub.entry(queued.outbox).dump());
    BOOST_TEST(is_looked_up);
}

BOOST_AUTO_TEST_CASE(an_open_breaker_is_still_open_after_a_restart) {
    DeliveryFixture hub;
    const EndpointKey key{hub.accounts.byName("wa")->id, "send"};
    hub.write([&](Tx& tx) { hub.outbox.saveBreaker(tx, {key, hub.clock.now() + 60s, 2}); });
    hub.start();

    const Queued queued = hub.text("wa", "+4917012345678", "hello");

    BOOST_TEST(hub.passes("idem"));
    BOOST_TEST(hub.provider("wa").count() == 0U);
    const auto endpoints = hub.dispatcher->health().endpoints;
    const auto mine =
        std::find_if(endpoints.begin(), endpoints.end(), [&](const auto& view) { return view.key == key; });
    BOOST_REQUIRE((mine != endpoints.end()));
    BOOST_TEST(toString(mine->breaker) == "open");
    hub.clock.advance(60s);
    BOOST_TEST(hub.reaches(queued, "sent"));
}

BOOST_AUTO_TEST_CASE(wrong_credentials_stop_the_account_until_it_is_resumed) {
    DeliveryFixture hub;
    hub.provider("wa").answers({kExpiredToken});
    hub.start();
    const Queued first = hub.text("wa", "+4917012345678", "one");
    BOOST_TEST(hub.reaches(first, "blocked"));

    const Queued second = hub.text("wa", "+4917099999999", "two");
    BOOST_TEST(hub.passes("idem"));
    BOOST_TEST(hub.provider("wa").count() == 1U);
    BOOST_TEST(hub.stateOf(second.outbox) == "pending");

    hub.provider("wa").answers({accepted("")});
    hub.write([&](Tx& tx) { hub.outbox.resume(tx, *hub.accounts.byName("wa")); });
    BOOST_TEST(hub.reaches(first, "sent"));
    BOOST_TEST(hub.reaches(second, "sent"));
}

BOOST_AUTO_TEST_CASE(an_unanswered_send_is_shown_and_not_repeated_where_nobody_honours_our_key) {
    DeliveryFixture hub;
    hub.provider("wa").answers({kSilent, accepted("")});
    hub.provider("idem").answers({kSilent, accepted("")});
    hub.start();

    const Queued unsafe = hub.text("wa", "+4917012345678", "hello");
    const Queued safe = hub.text("idem", "x", "hello");

    BOOST_TEST(hub.reaches(unsafe, "uncertain"));
    BOOST_TEST(eventually([&] { return hub.entry(safe.outbox)["attempts"] == 1; }));
    hub.clock.advance(10s);
    BOOST_TEST(hub.reaches(safe, "sent"));
    BOOST_TEST(hub.provider("wa").count() == 1U);
    BOOST_TEST(hub.statusOf(unsafe.message) == "uncertain");
}

BOOST_AUTO_TEST_CASE(a_connector_that_throws_leaves_the_outcome_uncertain) {
    DeliveryFixture hub;
    hub.provider("wa").onSend([](const OutboundMessage&, const std::stop_token&) -> Result<Receipt> {
        throw std::runtime_error("bug");
    });
    hub.start();

    const Queued queued = hub.text("wa", "+4917012345678", "hello");

    BOOST_TEST(hub.reaches(queued, "uncertain"));
    BOOST_TEST(hub.entry(queued.outbox)["error"]["code"] == "connector_failed");
}

BOOST_AUTO_TEST_CASE(a_message_that_cannot_be_sent_in_time_fails) {
    DeliveryFixture hub;
    hub.provider("idem").answers({kDown});
    hub.start();
    const Queued queued = hub.text("idem", "x", "hello");
    BOOST_TEST(eventually([&] { return hub.entry(queued.outbox)["attempts"] == 1; }));

    hub.clock.advance(4h);

    BOOST_TEST(hub.reaches(queued, "dead"));
    BOOST_TEST(hub.statusOf(queued.message) == "failed");
}

BOOST_AUTO_TEST_CASE(a_start_settles_what_a_crash_left_between_lease_and_result) {
    DeliveryFixture hub;
    if (!hub.store->isExclusive()) return;  // another daemon's leases are waited for
    const Queued safe = hub.text("idem", "x", "hello");
    const Queued unsafe = hub.text("wa", "+4917012345678", "hello");
    const std::string key = hub.lease("idem").at(0).idempotency_key;
    hub.lease("wa");

    hub.start();

    BOOST_TEST(hub.reaches(safe, "sent"));
    BOOST_TEST(hub.provider("idem").sent().at(0).idempotency_key == key);
    BOOST_TEST(hub.stateOf(unsafe.outbox) == "uncertain");
    BOOST_TEST(hub.provider("wa").count() == 0U);
}

BOOST_AUTO_TEST_CASE(what_was_queued_before_the_start_is_sent) {
    DeliveryFixture hub;
    const Queued queued = hub.text("wa", "+4917012345678", "hello");
    const Queued http = hub.enqueue({{"account", "http"}, {"http", {{"url", "https://example.com"}}}});

    hub.start();

    BOOST_TEST(hub.reaches(queued, "sent"));
    BOOST_TEST(hub.reaches(http, "sent"));
    BOOST_TEST(hub.provider("http").sent().at(0).type == "http");
}

BOOST_AUTO_TEST_CASE(a_provider_that_does_not_answer_delays_nobody_else) {
    DeliveryFixture hub(DeliveryOptions{{16, 4, 8}});
    Stuck stuck;
    hub.provider("wa").onSend(stuck.script());
    hub.provider("sms").onSend(stuck.script());
    hub.start();
    for (int i = 0; i < 20; ++i) {
        hub.text("wa", "+4917000000" + std::to_string(100 + i), "x");
        hub.text("sms", "+141555501" + std::to_string(10 + i), "x");
    }
    BOOST_TEST(eventually([&] { return stuck.waiting >= 10; }));

    BOOST_TEST(hub.passes("idem"));

    stuck.is_free = true;
    BOOST_TEST(eventually([&] { return readOutboxFigures(*hub.store).pending == 0; }));
}

BOOST_AUTO_TEST_CASE(a_long_try_keeps_its_lease) {
    DeliveryFixture hub;
    Stuck stuck;
    hub.provider("idem").onSend(stuck.script());
    hub.start();
    const Queued queued = hub.text("idem", "x", "hello");
    BOOST_TEST(eventually([&] { return stuck.waiting == 1; }));

    for (int i = 0; i < 8; ++i) {
        hub.clock.advance(15s);
        BOOST_TEST(hub.passes("wa"));
    }
    hub.write([&](Tx& tx) { hub.outbox.recover(tx, hub.clock.now(), 10); });

    BOOST_TEST(hub.stateOf(queued.outbox) == "leased");
    stuck.is_free = true;
    BOOST_TEST(hub.reaches(queued, "sent"));
}

BOOST_AUTO_TEST_CASE(a_result_that_the_database_refuses_is_kept_until_it_takes_it) {
    DeliveryFixture hub;
    Stuck stuck;
    hub.provider("wa").onSend(stuck.script());
    hub.start();
    const Queued queued = hub.text("wa", "+4917012345678", "hello");
    BOOST_TEST(eventually([&] { return stuck.waiting == 1; }));

    hub.gate.is_refusing = true;
    stuck.is_free = true;
    BOOST_TEST(eventually([&] { return hub.dispatcher->health().unwritten == 1; }));
    hub.gate.is_refusing = false;
    hub.clock.advance(2s);

    BOOST_TEST(hub.reaches(queued, "sent"));
    BOOST_TEST(hub.provider("wa").count() == 1U);
}

BOOST_AUTO_TEST_CASE(an_account_that_is_not_configured_waits_until_it_is) {
    DeliveryFixture hub;
    hub.setMissing("wa");
    hub.start();
    const Queued queued = hub.text("wa", "+4917012345678", "hello");
    BOOST_TEST(hub.passes("idem"));
    BOOST_TEST(hub.stateOf(queued.outbox) == "pending");

    hub.setMissing("");
    hub.clock.advance(5s);

    BOOST_TEST(hub.reaches(queued, "sent"));
}

BOOST_AUTO_TEST_CASE(stopping_lets_tries_in_flight_end) {
    DeliveryFixture hub;
    Stuck stuck;
    hub.provider("wa").onSend(stuck.script());
    hub.start();
    const Queued queued = hub.text("wa", "+4917012345678", "hello");
    BOOST_TEST(eventually([&] { return stuck.waiting == 1; }));

    std::jthread stopper([&] { hub.dispatcher->stop(hub.clock.now() + 20s); });
    stuck.is_free = true;
    stopper.join();

    BOOST_TEST(hub.stateOf(queued.outbox) == "sent");
}

BOOST_AUTO_TEST_CASE(what_does_not_end_before_the_deadline_is_told_to_stop_and_keeps_its_state) {
    DeliveryFixture hub;
    Stuck stuck;
    hub.provider("wa").onSend(stuck.script());
    hub.start();
    const Queued queued = hub.text("wa", "+4917012345678", "hello");
    const Queued behind = hub.text("wa", "+4917012345678", "next");
    BOOST_TEST(eventually([&] { return stuck.waiting == 1; }));

    hub.dispatcher->stop(hub.clock.now());

    BOOST_TEST(hub.stateOf(queued.outbox) == "uncertain");
    BOOST_TEST(hub.stateOf(behind.outbox) == "pending");
    BOOST_TEST(hub.provider("wa").count() == 1U);
}

BOOST_AUTO_TEST_CASE(a_dead_letter_is_sent_again_when_a_person_says_so) {
    DeliveryFixture hub;
    hub.provider("wa").answers({Error{ErrorKind::Rejected, "no such number", {}, "131026"}, accepted("ok")});
    hub.start();
    const Queued queued = hub.text("wa", "+4917012345678", "hello");
    BOOST_TEST(hub.reaches(queued, "dead"));

    hub.write([&](Tx& tx) { BOOST_TEST(hub.outbox.retry(tx, kDefaultOrg, queued.outbox).ok()); });

    BOOST_TEST(hub.reaches(queued, "sent"));
}

BOOST_AUTO_TEST_CASE(a_read_mark_for_nothing_is_refused_without_asking_the_provider) {
    DeliveryFixture hub;
    const Queued hello = hub.text("wa", "+4917012345678", "hello");
    const Queued queued = hub.enqueue(
        {{"conversation_id", idText(kConversationId, hello.conversation)}, {"type", "mark_read"}});

    hub.start();

    BOOST_TEST(hub.reaches(queued, "dead"));
    BOOST_TEST(hub.reaches(hello, "sent"));
    BOOST_TEST(hub.entry(queued.outbox)["error"]["code"] == "no_target");
}

namespace {

// A message that came in with a picture, whose fetching is queued.
Id pictureFrom(DeliveryFixture& hub, const std::string& phone, const std::string& external_id) {
    Envelope envelope = textFrom(phone, "look", external_id);
    envelope.attachments.push_back({"image", "media-" + external_id});
    hub.accept({envelope});
    const Id message = *parseId(kMessageId, textAt(hub.messages()[0], "id"));
    hub.write([&](Tx& tx) {
        hub.outbox.wanted(tx, *hub.accounts.byName("wa"), message, 0, envelope.attachments[0]);
    });
    return message;
}

Json attachmentOf(DeliveryFixture& hub, Id message) {
    return (*findMessage(*hub.store, hub.accounts, kDefaultOrg, message))["attachments"][0];
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_file_is_fetched_into_the_store_and_its_placeholder_becomes_it) {
    DeliveryFixture hub;
    hub.start();

    const Id message = pictureFrom(hub, "+4917012345678", "wamid.1");

    BOOST_TEST(eventually([&] { return attachmentOf(hub, message)["state"] == "fetched"; }));
    const auto events = hub.events("attachment.fetched");
    BOOST_REQUIRE(events.size() == 1U);
    const auto bytes = hub.blobs.read(textAt(events[0]["file"], "sha256"));
    BOOST_REQUIRE(bytes.ok());
    BOOST_TEST(*bytes == "bytes of media-wamid.1");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_had_yet_is_fetched_later_and_holds_up_no_message) {
    DeliveryFixture hub;
    std::atomic<int> asked = 0;
    hub.provider("wa").onFetch([&](const Attachment&) -> Result<Media> {
        if (++asked == 1) return kDown;
        return Media{"picture", "image/png", ""};
    });
    hub.start();
    const Id message = pictureFrom(hub, "+4917012345678", "wamid.1");
    BOOST_TEST(eventually([&] { return asked == 1; }));

    const Queued answer = hub.text("wa", "+4917012345678", "nice");

    BOOST_TEST(hub.reaches(answer, "sent"));
    BOOST_TEST(attachmentOf(hub, message)["state"] == "wanted");
    BOOST_TEST(eventually([&] {
        hub.clock.advance(1s);
        return attachmentOf(hub, message)["state"] == "fetched";
    }));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_gone_fails_and_says_why) {
    DeliveryFixture hub;
    hub.provider("wa").onFetch([](const Attachment&) -> Result<Media> {
        return Error{ErrorKind::NotFound, "media: expired", {}, "404"};
    });
    hub.start();

    const Id message = pictureFrom(hub, "+4917012345678", "wamid.1");

    BOOST_TEST(eventually([&] { return attachmentOf(hub, message)["state"] == "failed"; }));
    BOOST_TEST(hub.events("attachment.failed").at(0)["error"]["code"] == "404");
}

BOOST_AUTO_TEST_CASE(what_a_provider_says_cannot_break_the_database) {
    DeliveryFixture hub;
    hub.provider("wa").answers({accepted(std::string("id\0\xff\n", 6) + std::string(5'000, 'x'))});
    hub.start();

    const Queued queued = hub.text("wa", "+4917012345678", "hello");

    BOOST_TEST(hub.reaches(queued, "sent"));
    const std::string id = textAt(hub.entry(queued.outbox), "external_id");
    BOOST_TEST(id.size() <= 512U);
    BOOST_TEST(id.starts_with("id "));
}

BOOST_AUTO_TEST_CASE(health_tells_how_long_the_oldest_one_waits) {
    DeliveryFixture hub;
    hub.text("wa", "+4917012345678", "hello");
    hub.clock.advance(90s);

    const DeliveryHealth health = hub.dispatcher->health();

    BOOST_TEST(health.figures.pending == 1);
    BOOST_TEST(health.oldest_pending_age.value().count() == 90);
    BOOST_TEST(health.in_flight == 0U);
}

}  // namespace signalbox
