// The connector against the fake provider over real sockets. What single callbacks and messages become stands
// in cases/*.yaml.
#include "connectors/sdk/connector.h"

#include <boost/test/unit_test.hpp>

#include "base/crypto.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_whatsapp.h"
#include "tests/support/schema_defaults.h"

namespace signalbox {
namespace {

struct Fixture {
    Fixture() {
        const ConnectorType* type = findConnectorType("whatsapp_cloud");
        BOOST_REQUIRE(type != nullptr);
        auto made = type->create({"wa", testing::withDefaults(type->config_schema, config()), *http, clock});
        BOOST_REQUIRE(made.ok());
        connector = std::move(*made);
    }

    Json config() const {
        return {{"app_secret", settings.app_secret},
                {"verify_token", "word"},
                {"phone_number_id", settings.phone_number_id},
                {"access_token", settings.access_token},
                {"base_url", whatsapp.baseUrl()}};
    }

    OutboundMessage text(const std::string& words) const {
        OutboundMessage message;
        message.id = 1;
        message.idempotency_key = "key";
        message.to = {"phone", "+919800000001"};
        message.text = words;
        message.last_inbound_at = clock.now();
        return message;
    }

    Result<Receipt> send(const std::string& words) { return connector->sender()->send(text(words), {}); }

    FakeClock clock;
    FakeWhatsapp::Settings settings;
    FakeWhatsapp whatsapp{settings, clock};
    std::unique_ptr<HttpClient> http = makeHttpClient({.allow_any = true, .any_port = true});
    std::unique_ptr<Connector> connector;
};

std::string kindOf(const Result<Receipt>& receipt) {
    return receipt ? "receipt" : toString(receipt.error().kind);
}

BOOST_FIXTURE_TEST_CASE(a_message_is_taken_and_its_status_finds_back, Fixture) {
    const auto receipt = send("hello");
    BOOST_REQUIRE(receipt.ok());
    const auto sent = whatsapp.messages().at(0);

    const auto received =
        connector->receiver()->receive(whatsapp.statusCallback(sent, "delivered"), clock.now());

    BOOST_REQUIRE(received.ok());
    const Envelope& status = received->envelopes.at(0);
    BOOST_TEST(status.target == receipt->external_id);
    BOOST_TEST(status.status.reference == idText(kMessageId, 1));
    BOOST_TEST(toString(status.status.state) == "delivered");
}

BOOST_FIXTURE_TEST_CASE(messages_share_one_connection, Fixture) {
    for (int i = 0; i < 5; ++i) BOOST_TEST(kindOf(send("hello")) == "receipt");

    BOOST_TEST(whatsapp.messages().size() == 5);
}

BOOST_FIXTURE_TEST_CASE(every_kind_of_message_is_shaped_as_meta_wants_it, Fixture) {
    const Json contents[] = {
        {{"type", "template"}, {"content", {{"name", "t"}, {"language", "en"}}}},
        {{"type", "interactive"},
         {"content",
          {{"type", "button"},
           {"action", {{"buttons", {{{"type", "reply"}, {"reply", {{"id", "1"}, {"title", "Yes"}}}}}}}}}}},
        {{"type", "location"}, {"content", {{"latitude", 1.5}, {"longitude", 2.5}}}},
        {{"type", "contacts"}, {"content", {{"contacts", {{{"name", {{"formatted_name", "R"}}}}}}}}},
        {{"type", "text"}, {"content", Json::object()}},
    };
    for (const Json& wanted : contents) {
        OutboundMessage message = text("words");
        message.type = wanted["type"];
        message.content = wanted["content"];
        const auto receipt = connector->sender()->send(message, {});
        BOOST_TEST(receipt.ok(), wanted["type"] << ": " << (receipt ? "" : receipt.error().message));
    }
    for (const char* type : {"image", "video", "audio", "document", "sticker"}) {
        OutboundMessage message = text("");
        message.type = type;
        message.attachments = {{type, "77", "", "", "name.pdf"}};
        BOOST_TEST(kindOf(connector->sender()->send(message, {})) == "receipt", type);
    }
}

BOOST_FIXTURE_TEST_CASE(a_read_mark_is_taken, Fixture) {
    OutboundMessage mark;
    mark.type = "mark_read";
    mark.in_reply_to = "wamid.1";
    mark.content = {{"typing", true}};

    BOOST_TEST(kindOf(connector->sender()->send(mark, {})) == "receipt");

    BOOST_TEST(textAt(whatsapp.marks().at(0), "message_id") == "wamid.1");
}

BOOST_FIXTURE_TEST_CASE(a_refusal_says_what_meta_said, Fixture) {
    whatsapp.refuseNext(400, 131056, "pair rate limit hit");

    const auto receipt = send("hello");

    BOOST_REQUIRE(!receipt.ok());
    BOOST_TEST(toString(receipt.error().kind) == "throttled");
    BOOST_TEST(receipt.error().code == "131056");
    BOOST_TEST(whatsapp.messages().empty());
}

BOOST_FIXTURE_TEST_CASE(a_message_that_was_taken_without_an_answer_is_uncertain, Fixture) {
    whatsapp.swallowNext();

    BOOST_TEST(kindOf(send("hello")) == "uncertain");

    BOOST_TEST(whatsapp.messages().size() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_token_is_unauthorized_everywhere, Fixture) {
    const ConnectorType* type = findConnectorType("whatsapp_cloud");
    Json other = config();
    other["access_token"] = "another-token";
    auto made = type->create({"wa", testing::withDefaults(type->config_schema, other), *http, clock});
    BOOST_REQUIRE(made.ok());

    const auto checked = (*made)->check({});
    const auto sent = (*made)->sender()->send(text("hello"), {});
    const auto fetched = (*made)->media()->fetch({"image", "900000"}, {});

    BOOST_REQUIRE((!checked.ok() && !sent.ok() && !fetched.ok()));
    for (const Error& error : {checked.error(), sent.error(), fetched.error()}) {
        BOOST_TEST(toString(error.kind) == "unauthorized");
        BOOST_TEST(error.message.find("another-token") == std::string::npos);
    }
}

BOOST_FIXTURE_TEST_CASE(the_number_is_read_for_the_check, Fixture) {
    BOOST_TEST(connector->check({}).ok());
}

BOOST_FIXTURE_TEST_CASE(a_file_is_fetched_also_when_its_address_expires_on_the_way, Fixture) {
    const std::string bytes(300'000, 'j');
    const std::string id = whatsapp.addMedia(bytes, "image/jpeg");
    Attachment attachment{"image", id};
    attachment.sha256 = toHex(hash(HashAlgorithm::Sha256, bytes));
    whatsapp.expireNextUrl();

    const auto media = connector->media()->fetch(attachment, {});

    BOOST_REQUIRE(media.ok());
    BOOST_TEST((media->bytes == bytes));
    BOOST_TEST(media->mime == "image/jpeg");
}

BOOST_FIXTURE_TEST_CASE(a_callback_signed_with_either_secret_is_accepted_while_the_secret_is_rotated,
                        Fixture) {
    const ConnectorType* type = findConnectorType("whatsapp_cloud");
    Json rotating = config();
    rotating["app_secret_secondary"] = rotating["app_secret"];
    rotating["app_secret"] = "the-new-one";
    auto made = type->create({"wa", testing::withDefaults(type->config_schema, rotating), *http, clock});
    BOOST_REQUIRE(made.ok());

    const auto received =
        (*made)->receiver()->receive(whatsapp.inboundText("919800000001", "wamid.1", "hi"), clock.now());

    BOOST_REQUIRE(received.ok());
    BOOST_TEST(received->envelopes.at(0).text == "hi");
}

BOOST_FIXTURE_TEST_CASE(a_connector_without_secret_or_with_a_broken_url_is_not_made, Fixture) {
    const ConnectorType* type = findConnectorType("whatsapp_cloud");
    for (const auto& [key, value] :
         {std::pair{"app_secret", ""}, std::pair{"verify_token", ""}, std::pair{"base_url", "graph.test"}}) {
        Json broken = config();
        broken[key] = value;
        const auto made =
            type->create({"wa", testing::withDefaults(type->config_schema, broken), *http, clock});
        BOOST_TEST(!made.ok(), key);
    }
}

}  // namespace
}  // namespace signalbox
