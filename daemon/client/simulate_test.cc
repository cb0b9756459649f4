#include "daemon/client/simulate.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/crypto.h"
#include "connectors/sdk/connector.h"
#include "daemon/client/program.h"
#include "tests/support/fake_daemon.h"
#include "tests/support/schema_defaults.h"
#include "tests/support/temp_folder.h"

namespace signalbox::client {
namespace {

const TimePoint kNow = *parseRfc3339("2026-11-21T07:00:00Z");

Scene scene(const std::string& kind) {
    Scene scene;
    scene.account = "in";
    scene.kind = kind;
    scene.from = "+49 151 12345678";
    scene.name = "Ada";
    scene.text = "How much?";
    scene.message_id = "id-1";
    scene.status = kind == "status" ? "read" : "";
    scene.media = "https://api.twilio.com/media/1";
    scene.now = kNow;
    return scene;
}

// What the account's own connector makes of the request; the judge of every signature here.
Result<Received> receive(const std::string& type, Json config, const HttpRequest& request) {
    const ConnectorType* connector_type = findConnectorType(type);
    BOOST_REQUIRE(connector_type != nullptr);
    config = testing::withDefaults(connector_type->config_schema, std::move(config));
    static const auto http = makeHttpClient({});
    static SystemClock clock;
    const auto connector = connector_type->create({"in", config, *http, clock});
    BOOST_REQUIRE(connector.ok());
    return (*connector)->receiver()->receive(request, kNow);
}

Envelope onlyEnvelope(const Result<Received>& received) {
    if (!received) BOOST_FAIL(received.error().message);
    BOOST_TEST(received->quarantine_reason == "");
    BOOST_REQUIRE(received->envelopes.size() == 1u);
    return received->envelopes[0];
}

Json withWebhookDefaults(const Json& verifier) {
    return testing::withDefaults(findConnectorType("webhook")->config_schema, {{"verifier", verifier}});
}

WebhookScene delivery() {
    return {"in", R"({"type":"order.paid"})", "application/json", "msg_1", {}, kNow};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_simulated_whatsapp_message_is_one_for_its_connector) {
    const Json config = {
        {"app_secret", "s"}, {"verify_token", "v"}, {"phone_number_id", "1001"}, {"access_token", "a"}};
    const WhatsappSender sender{Secret("s"), "1001"};

    const Envelope text =
        onlyEnvelope(receive("whatsapp_cloud", config, simulateWhatsapp(scene("text"), sender)));
    BOOST_TEST(text.external_id == "id-1");
    BOOST_TEST(text.text == "How much?");
    BOOST_TEST(text.from.name == "Ada");

    const Envelope image =
        onlyEnvelope(receive("whatsapp_cloud", config, simulateWhatsapp(scene("image"), sender)));
    BOOST_TEST(image.type == "image");
    BOOST_TEST(image.attachments.size() == 1u);

    const Envelope status =
        onlyEnvelope(receive("whatsapp_cloud", config, simulateWhatsapp(scene("status"), sender)));
    BOOST_TEST(status.target == "id-1");
    BOOST_TEST(toString(status.status.state) == std::string("read"));

    const auto forged =
        receive("whatsapp_cloud", config, simulateWhatsapp(scene("text"), {Secret("other"), "1001"}));
    BOOST_TEST(!forged.ok());
}

BOOST_AUTO_TEST_CASE(a_simulated_twilio_message_is_one_for_its_connector) {
    const std::string url = "https://gw.example.org/hooks/in";
    const Json config = {
        {"account_sid", "AC0000"}, {"auth_token", "t"}, {"public_url", url}, {"from", "+15550001111"}};
    const TwilioSender sender{Secret("t"), "AC0000", url, "+15550001111"};
    Scene sms = scene("text");
    sms.from = "+4915112345678";
    sms.message_id = "SM00000000000000000000000000000001";

    const Envelope text = onlyEnvelope(receive("twilio", config, simulateTwilio(sms, sender)));
    BOOST_TEST(text.external_id == sms.message_id);
    BOOST_TEST(text.text == "How much?");

    sms.kind = "image";
    BOOST_TEST(onlyEnvelope(receive("twilio", config, simulateTwilio(sms, sender))).attachments.size() == 1u);

    sms.kind = "status";
    sms.status = "delivered";
    const Envelope status = onlyEnvelope(receive("twilio", config, simulateTwilio(sms, sender)));
    BOOST_TEST(status.target == sms.message_id);
    BOOST_TEST(toString(status.status.state) == std::string("delivered"));

    sms.kind = "text";
    sms.from = "whatsapp:+4915112345678";
    BOOST_TEST(onlyEnvelope(receive("twilio", config, simulateTwilio(sms, sender))).from.name == "Ada");
}

BOOST_AUTO_TEST_CASE(a_simulated_webhook_is_signed_as_each_verifier_asks) {
    const std::vector<Json> verifiers = {
        {{"kind", "standard_webhooks"}, {"secret", "whsec_c2VjcmV0LXNlY3JldA=="}},
        {{"kind", "hmac"},
         {"secret", "s"},
         {"header", "X-Hub-Signature-256"},
         {"prefix", "sha256="},
         {"id_header", "X-Id"}},
        {{"kind", "hmac"},
         {"secret", "s"},
         {"header", "X-Slack-Signature"},
         {"prefix", "v0="},
         {"signed", "v0:{ts}:{body}"},
         {"timestamp_header", "X-Slack-Request-Timestamp"}},
        {{"kind", "hmac"},
         {"secret", "s"},
         {"header", "Stripe-Signature"},
         {"prefix", "v1="},
         {"separator", ","},
         {"signed", "{ts}.{body}"},
         {"timestamp_header", "Stripe-Signature"},
         {"timestamp_prefix", "t="}},
        {{"kind", "hmac"},
         {"secret", "c2VjcmV0"},
         {"secret_encoding", "base64"},
         {"header", "X-S"},
         {"encoding", "base64"},
         {"algorithm", "sha512"}},
        {{"kind", "secret"}, {"secret", "s"}, {"header", "Authorization"}, {"prefix", "Bearer "}},
        {{"kind", "secret"}, {"secret", "a&b"}, {"query", "key"}},
        {{"kind", "none"}}};
    for (const Json& verifier : verifiers) {
        const Json config = withWebhookDefaults(verifier);

        const auto request = simulateWebhook(delivery(), config["verifier"]);

        BOOST_REQUIRE(request.ok());
        const auto received = receive("webhook", config, *request);
        BOOST_TEST(received.ok(), dumpJson(verifier) + (received ? "" : received.error().message));
        HttpRequest changed = *request;
        changed.body += ' ';
        const bool is_signed = verifier["kind"] != "secret" && verifier["kind"] != "none";
        BOOST_TEST(receive("webhook", config, changed).ok() == !is_signed, dumpJson(verifier));
    }
}

BOOST_AUTO_TEST_CASE(what_only_the_sender_could_sign_is_refused) {
    const Json config = withWebhookDefaults(
        {{"kind", "standard_webhooks"}, {"secret", "whpk_" + toBase64(std::string(32, 'k'))}});

    const auto request = simulateWebhook(delivery(), config["verifier"]);

    BOOST_REQUIRE(!request.ok());
    BOOST_TEST(request.error().message.find("cannot be simulated") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(simulate_takes_the_secret_from_the_configuration) {
    const TempFolder folder;
    FakeDaemon daemon;
    daemon.answer("POST /hooks/shop", 200, R"({"ok":true})");
    std::ofstream(folder.file("signalbox.yaml")) << R"(
accounts:
  - {name: shop, type: webhook, verifier: {kind: secret, header: X-Key, secret: "${file:key}"}}
  - {name: erp, type: http}
)";
    std::ofstream(folder.file("key")) << "open sesame\n";
    std::ostringstream out, err;
    SystemClock clock;
    const auto run = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--url", daemon.url()});
        return runProgram(arguments, "1", {out, err}, clock);
    };
    ::setenv("SIGNALBOX_TOKEN", "sbt_private", 1);

    const int exit = run({"simulate", "webhook", "--config", folder.file("signalbox.yaml"), "--body", "{}",
                          "--id", "d1", "--header", "X-Event: paid"});

    BOOST_TEST(exit == 0);
    BOOST_TEST(out.str() == "200 taken  d1  {\"ok\":true}\n");
    BOOST_TEST(daemon.last().headers.get("x-key") == "open sesame");
    BOOST_TEST(daemon.last().headers.get("x-event") == "paid");
    BOOST_TEST(!daemon.last().headers.find("authorization"));
    BOOST_TEST(run({"simulate", "twilio", "--from", "+1", "--config", folder.file("signalbox.yaml")}) == 2);
    BOOST_TEST(err.str().find("no account of type twilio") != std::string::npos, err.str());
    BOOST_TEST(run({"simulate", "whatsapp", "--from", "+1"}) == 2);
    daemon.answer("POST /hooks/nobody", 404, R"({"code":"account_unknown"})");
    BOOST_TEST(run({"simulate", "webhook", "--account", "nobody", "--secret", "whsec_c2VjcmV0"}) == 1);
    ::unsetenv("SIGNALBOX_TOKEN");
}

}  // namespace signalbox::client
