// Samples of real callbacks beside the source tree, each with what must come of it; skipped where they are
// not there.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "connectors/sdk/connector.h"
#include "tests/build_places.h"
#include "tests/support/fake_clock.h"
#include "tests/support/schema_defaults.h"
#include "tests/support/scripted_http.h"
#include "tests/support/shared_samples.h"

namespace signalbox {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDerivedSecret = "gw-test-meta-app-secret";
constexpr const char* kCapturedSecret = "1222e786b144d0e85b9f365372d93676";

fs::path samples() {
    const char* folder = std::getenv("SIGNALBOX_SHARED");
    return fs::path(folder ? folder : SIGNALBOX_SOURCE_DIR "/../shared") / "payloads";
}

struct Fixture {
    std::unique_ptr<Connector> make(const std::string& app_secret, const std::string& verify_token = "word") {
        const ConnectorType* type = findConnectorType("whatsapp_cloud");
        const Json config = {{"app_secret", app_secret},
                             {"verify_token", verify_token},
                             {"phone_number_id", "1122334455667"},
                             {"access_token", "t"}};
        auto made = type->create({"wa", testing::withDefaults(type->config_schema, config), http, clock});
        BOOST_REQUIRE(made.ok());
        return std::move(*made);
    }

    ScriptedHttp http;
    FakeClock clock;
};

// The names and signatures of derived-signatures.tsv; files that are not there are left out.
std::map<std::string, std::string> signatures() {
    std::map<std::string, std::string> found;
    std::ifstream in(samples() / "whatsapp_cloud/derived-signatures.tsv");
    for (std::string line; std::getline(in, line);) {
        std::istringstream fields(line);
        std::string file, secret, header, value;
        fields >> file >> secret >> header >> value;
        if (secret == kDerivedSecret && fs::exists(samples() / file))
            found[fs::path(file).stem().string()] = value;
    }
    return found;
}

Result<Received> receive(const Connector& connector, const std::string& name, const std::string& signature) {
    const auto body = testing::readFile(samples() / "whatsapp_cloud" / (name + ".json"));
    BOOST_REQUIRE(body.has_value());
    HttpRequest request{"POST", "/hooks/wa", {{"X-Hub-Signature-256", signature}}, *body};
    return const_cast<Connector&>(connector).receiver()->receive(request, fromMicros(0));
}

// kind, type and what else must be true of the first envelope.
struct Expected {
    const char* kind;
    const char* type;
    std::function<bool(const Envelope&)> holds;
};

bool hasUserIdOnly(const Envelope& e) {
    return e.from.identities.size() == 1 && e.from.identities[0].kind == "wa_user_id";
}
bool hasFile(const Envelope& e) {
    return e.attachments.size() == 1 && !e.attachments[0].media_id.empty();
}

const std::map<std::string, Expected>& oracle() {
    const auto any = [](const Envelope&) { return true; };
    static const std::map<std::string, Expected> expected = {
        {"in-text-signed",
         {"message", "text",
          [](const Envelope& e) {
              return e.thread_key == "972544401243" && e.text == "Hey there! I am using PyWa.";
          }}},
        {"in-bsuid-no-from", {"message", "text", hasUserIdOnly}},
        {"in-bsuid-from-user-id", {"message", "text", hasUserIdOnly}},
        {"in-bsuid-inside-from", {"message", "text", hasUserIdOnly}},
        {"in-text-group",
         {"message", "text", [](const Envelope& e) { return e.thread_key.starts_with("group:"); }}},
        {"in-text-reply",
         {"message", "text", [](const Envelope& e) { return e.in_reply_to == "wamid.xyzxyz=="; }}},
        {"in-text-referral-ctwa",
         {"message", "text",
          [](const Envelope& e) { return textAt(e.content["referral"], "ctwa_clid") == "CTWA_CLID"; }}},
        {"in-image-with-url",
         {"message", "image", [](const Envelope& e) { return hasFile(e) && !e.attachments[0].url.empty(); }}},
        {"in-document-forwarded",
         {"message", "document",
          [](const Envelope& e) { return hasFile(e) && flagAt(e.content, "forwarded"); }}},
        {"in-audio-voice",
         {"message", "audio",
          [](const Envelope& e) {
              return hasFile(e) && e.attachments[0].is_voice && e.attachments[0].sha256.size() == 64;
          }}},
        {"in-video-forwarded", {"message", "video", hasFile}},
        {"in-sticker", {"message", "sticker", hasFile}},
        {"in-location-pin",
         {"message", "location", [](const Envelope& e) { return e.text.starts_with("Facebook HQ"); }}},
        {"in-contacts-full",
         {"message", "contacts", [](const Envelope& e) { return e.text == "CONTACT_FORMATTED_NAME"; }}},
        {"in-order",
         {"message", "order",
          [](const Envelope& e) { return e.content["order"]["product_items"][0]["item_price"] == 30; }}},
        {"in-reaction",
         {"reaction", "reaction",
          [](const Envelope& e) { return e.text == "\U0001F62E" && e.target == "wamid.yzxyzx="; }}},
        {"in-reaction-removed",
         {"reaction", "reaction",
          [](const Envelope& e) { return e.text.empty() && e.target == "wamid.yzxyzx="; }}},
        {"in-button-quickreply",
         {"message", "choice",
          [](const Envelope& e) {
              return textAt(e.content["choice"], "id") == "callback_data" && !e.in_reply_to.empty();
          }}},
        {"in-button-quickreply-no-context",
         {"message", "choice", [](const Envelope& e) { return e.in_reply_to.empty(); }}},
        {"in-interactive-button", {"message", "choice", [](const Envelope& e) { return e.text == "title"; }}},
        {"in-interactive-list",
         {"message", "choice",
          [](const Envelope& e) { return textAt(e.content["choice"], "description") == "description"; }}},
        {"in-interactive-flow",
         {"message", "flow",
          [](const Envelope& e) { return textAt(e.content["flow"]["response"], "delivery_rating") == "4"; }}},
        {"in-interactive-error",
         {"message", "unsupported",
          [](const Envelope& e) { return e.content["errors"][0]["code"] == 131000; }}},
        {"in-unsupported",
         {"message", "unsupported",
          [](const Envelope& e) { return textAt(e.content, "unsupported_type") == "pool"; }}},
        {"in-value-errors-only", {"notice", "error", any}},
        {"in-edit-image",
         {"edit", "edit", [](const Envelope& e) { return e.text == "Updated image caption" && hasFile(e); }}},
        {"in-revoke",
         {"delete", "revoke",
          [](const Envelope& e) { return e.target == "<ORIGINAL_WHATSAPP_MESSAGE_ID>"; }}},
        {"in-system-number-change",
         {"notice", "number_changed", [](const Envelope& e) { return e.from.identities.size() == 2; }}},
        {"in-system-identity-change", {"notice", "identity_changed", any}},
        {"in-two-changes", {"message", "text", any}},
        {"in-duplicate-messages", {"message", "text", any}},
        {"status-sent",
         {"status", "sent", [](const Envelope& e) { return e.status.reference == "some data"; }}},
        {"status-delivered", {"status", "delivered", any}},
        {"status-read", {"status", "read", any}},
        {"status-batch-out-of-order", {"status", nullptr, any}},
        {"status-failed-130472",
         {"status", "failed",
          [](const Envelope& e) { return e.status.code == "130472" && !e.status.is_retryable; }}},
        {"status-failed-131014",
         {"status", "failed",
          [](const Envelope& e) { return e.status.code == "131014" && !e.status.text.empty(); }}},
        {"status-group-read",
         {"status", "read", [](const Envelope& e) { return !e.status.recipient.empty(); }}},
        {"template-status-rejected", {"notice", "message_template_status_update", any}},
        {"account-restriction", {"notice", "account_update", any}},
        {"user-preferences",
         {"notice", "user_preferences",
          [](const Envelope& e) { return textAt(e.content["preference"], "value") == "resume"; }}},
        {"echo-smb-text",
         {"message", "text",
          [](const Envelope& e) {
              return e.direction == Direction::Outbound && e.from.identities.size() == 2;
          }}},
    };
    return expected;
}

BOOST_FIXTURE_TEST_CASE(samples_verify_and_become_what_they_are, Fixture) {
    const auto connector = make(kDerivedSecret);
    const auto signed_samples = signatures();
    if (signed_samples.empty()) BOOST_TEST_MESSAGE("not there, skipped: " << samples().string());
    for (const auto& [name, signature] : signed_samples) {
        BOOST_TEST_CONTEXT("sample " << name) {
            const auto received = receive(*connector, name, signature);
            BOOST_REQUIRE(received.ok());
            BOOST_TEST(received->quarantine_reason == "");
            BOOST_REQUIRE(!received->envelopes.empty());
            const auto it = oracle().find(name);
            BOOST_REQUIRE_MESSAGE(it != oracle().end(), "a sample that nobody judges");
            const Envelope& envelope = received->envelopes.front();
            BOOST_TEST(toString(envelope.kind) == it->second.kind);
            if (it->second.type != nullptr) BOOST_TEST(envelope.type == it->second.type);
            BOOST_TEST(it->second.holds(envelope));
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_sample_with_one_changed_byte_is_refused, Fixture) {
    const auto connector = make(kCapturedSecret);
    auto request = testing::sharedSample("whatsapp_cloud/in-text-signed.json");
    if (!request) return;
    BOOST_TEST(connector->receiver()->receive(*request, clock.now()).ok());

    for (std::size_t at = 0; at < request->body.size(); at += 11) {
        HttpRequest changed = *request;
        changed.body[at] = static_cast<char>(changed.body[at] ^ 1);
        BOOST_TEST(!connector->receiver()->receive(changed, clock.now()).ok());
    }
    request->body = dumpJson(*parseJson(request->body));
    BOOST_TEST(!connector->receiver()->receive(*request, clock.now()).ok(),
               "a body written anew is another body");
}

BOOST_FIXTURE_TEST_CASE(the_sample_handshake_is_answered, Fixture) {
    const auto connector = make("s", "meatyhamhock");
    const auto query = testing::readFile(samples() / "whatsapp_cloud/verify-get.txt");
    if (!query) return;

    const auto received = connector->receiver()->receive({"GET", "/hooks/meta?" + *query}, clock.now());

    BOOST_REQUIRE(received.ok());
    BOOST_TEST(received->reply.body == "1158201444");
}

}  // namespace
}  // namespace signalbox
