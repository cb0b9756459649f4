#include "connectors/sdk/connector.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_twilio.h"
#include "tests/support/schema_defaults.h"

namespace signalbox::twilio {
const ConnectorType& type();
}

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

constexpr const char* kPublicUrl = "https://gw.example.test/hooks/sms";

struct Fixture {
    FakeTwilio twilio{"AC1", "t0k3n"};
    FakeClock clock;
    std::unique_ptr<HttpClient> http = makeHttpClient({.allow_any = true, .any_port = true});
    std::unique_ptr<Connector> connector = make("t0k3n");

    std::unique_ptr<Connector> make(const std::string& token, Json changes = Json::object()) {
        Json config = {{"account_sid", "AC1"},
                       {"auth_token", token},
                       {"public_url", kPublicUrl},
                       {"from", "+14155550100"},
                       {"base_url", twilio.baseUrl()}};
        config.update(changes);
        config = testing::withDefaults(twilio::type().config_schema, config);
        return std::move(*twilio::type().create({"sms", config, *http, clock}));
    }

    Result<Receipt> send(const std::string& text = "Hello") {
        OutboundMessage message;
        message.id = 77;
        message.to = {"phone", "+14133880000"};
        message.text = text;
        return connector->sender()->send(message, {});
    }

    // As it reaches us: the request target in place of the URL.
    Result<Received> receive(HttpRequest callback) {
        callback.target = callback.target.substr(callback.target.find("/hooks"));
        return connector->receiver()->receive(callback, clock.now());
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(twilio_connector)

BOOST_FIXTURE_TEST_CASE(a_message_is_taken_and_its_status_finds_it_again, Fixture) {
    const auto receipt = send();
    BOOST_REQUIRE(receipt.ok());
    const auto sent = twilio.messages().at(0);

    const auto received = receive(twilio.statusCallback(sent, "delivered"));

    BOOST_TEST(receipt->external_id == sent.sid);
    BOOST_TEST(findField(sent.form, "Body").value() == "Hello");
    BOOST_REQUIRE(received.ok());
    const auto& update = received->envelopes.at(0);
    BOOST_TEST((update.status.state == DeliveryState::Delivered));
    BOOST_TEST(update.target == sent.sid);
    BOOST_TEST(update.status.reference == idText(kMessageId, 77));
}

BOOST_FIXTURE_TEST_CASE(a_status_with_a_changed_reference_is_refused, Fixture) {
    BOOST_REQUIRE(send().ok());
    auto callback = twilio.statusCallback(twilio.messages().at(0), "delivered");
    callback.target.back() = callback.target.back() == '0' ? '1' : '0';

    const auto received = receive(callback);

    BOOST_REQUIRE(!received.ok());
    BOOST_TEST((received.error().kind == ErrorKind::Unauthorized));
}

BOOST_FIXTURE_TEST_CASE(an_inbound_message_has_the_same_key_each_time_it_comes, Fixture) {
    const auto callback =
        twilio.inbound(kPublicUrl, {{"From", "+14133880000"}, {"To", "+14155550100"}, {"Body", "Hi"}});

    const auto first = receive(callback), second = receive(callback);

    BOOST_REQUIRE(first.ok() && second.ok());
    BOOST_TEST(first->envelopes.at(0).text == "Hi");
    BOOST_TEST(first->envelopes.at(0).dedup_key == second->envelopes.at(0).dedup_key);
}

BOOST_FIXTURE_TEST_CASE(another_accounts_signature_is_refused, Fixture) {
    connector = make("other");

    const auto received = receive(twilio.inbound(kPublicUrl, {{"From", "+1413"}, {"Body", "Hi"}}));

    BOOST_REQUIRE(!received.ok());
    BOOST_TEST((received.error().kind == ErrorKind::Unauthorized));
}

BOOST_FIXTURE_TEST_CASE(a_refusal_says_why_and_whether_to_try_again, Fixture) {
    twilio.refuseNext(400, 21211);
    twilio.refuseNext(429, 20429, {{"Retry-After", "12"}});
    twilio.refuseNext(400, 21610);

    const auto bad_number = send(), too_fast = send(), opted_out = send(), fine = send();

    BOOST_TEST((bad_number.error().kind == ErrorKind::Rejected));
    BOOST_TEST(bad_number.error().code == "21211");
    BOOST_TEST((too_fast.error().kind == ErrorKind::Throttled));
    BOOST_TEST((too_fast.error().retry_after == 12s));
    BOOST_TEST(opted_out.error().code == "21610");
    BOOST_TEST(fine.ok());
}

BOOST_FIXTURE_TEST_CASE(a_message_that_was_taken_without_an_answer_is_uncertain, Fixture) {
    twilio.swallowNext();

    const auto receipt = send();

    BOOST_REQUIRE(!receipt.ok());
    BOOST_TEST((receipt.error().kind == ErrorKind::Uncertain));
    BOOST_TEST(twilio.messages().size() == 1U);
    BOOST_TEST(!twilio::type().is_send_idempotent);
}

BOOST_FIXTURE_TEST_CASE(wrong_credentials_are_told_by_check_and_by_sending, Fixture) {
    BOOST_TEST(connector->check({}).ok());

    connector = make("wrong");
    const auto checked = connector->check({});
    const auto receipt = send();

    BOOST_TEST((checked.error().kind == ErrorKind::Unauthorized));
    BOOST_TEST((receipt.error().kind == ErrorKind::Unauthorized));
    for (const auto* error : {&checked.error(), &receipt.error()})
        BOOST_TEST(error->message.find("wrong,") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_host_that_is_away_is_unavailable, Fixture) {
    connector = make("t0k3n", {{"base_url", "http://127.0.0.1:1"}});

    BOOST_TEST((send().error().kind == ErrorKind::Unavailable));
    BOOST_TEST((connector->check({}).error().kind == ErrorKind::Unavailable));
}

BOOST_FIXTURE_TEST_CASE(media_are_fetched_and_the_storage_host_sees_no_credentials, Fixture) {
    Attachment picture;
    picture.url = twilio.addMedia("\x89PNG", "image/png");

    const auto media = connector->media()->fetch(picture, {});

    BOOST_REQUIRE(media.ok());
    BOOST_TEST(media->bytes == "\x89PNG");
    BOOST_TEST(media->mime == "image/png");
}

BOOST_FIXTURE_TEST_CASE(media_elsewhere_are_not_fetched_at_all, Fixture) {
    LoopbackServer elsewhere([](LoopbackServer::Peer& peer) { peer.readRequest(); });
    Attachment picture;
    picture.url = elsewhere.url("/x.png");

    const auto media = connector->media()->fetch(picture, {});

    BOOST_REQUIRE(!media.ok());
    BOOST_TEST((media.error().kind == ErrorKind::Rejected));
    BOOST_TEST(elsewhere.accepted() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_circle_of_redirects_ends, Fixture) {
    LoopbackServer circle([](LoopbackServer::Peer& peer) {
        while (!peer.readRequest().empty())
            peer.write("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
    });
    connector = make("t0k3n", {{"base_url", circle.url("")}});
    Attachment picture;
    picture.url = circle.url("/x.png");

    BOOST_TEST((connector->media()->fetch(picture, {}).error().kind == ErrorKind::Rejected));
}

BOOST_FIXTURE_TEST_CASE(missing_media_are_final, Fixture) {
    Attachment picture;
    picture.url = twilio.baseUrl() + "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME9";

    const auto media = connector->media()->fetch(picture, {});

    BOOST_REQUIRE(!media.ok());
    BOOST_TEST(!isRetryable(media.error()));
}

BOOST_AUTO_TEST_SUITE_END()
