#include <memory>

#include "base/crypto.h"
#include "connectors/sdk/connector.h"
#include "connectors/twilio/signature.h"
#include "connectors/whatsapp_cloud/normalize.h"
#include "tests/fuzz/targets.h"
#include "tests/support/fake_clock.h"
#include "tests/support/schema_defaults.h"
#include "tests/support/scripted_http.h"
#include "tests/support/webhook_signing.h"

namespace signalbox::fuzz {
namespace {

// What was read once can be stored and read again, and a repetition is known as one.
void check(const std::vector<Envelope>& first, const std::vector<Envelope>& second) {
    if (first.size() != second.size()) throw Broken("connector: the same callback gave other envelopes");
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (first[i].dedup_key.empty()) throw Broken("connector: an envelope without a dedup key");
        if (first[i].dedup_key != second[i].dedup_key) throw Broken("connector: the dedup key is not stable");
        const Json stored = toJson(first[i]);
        if (toJson(fromJson(stored)) != stored) throw Broken("connector: stored and read again it differs");
    }
}

void fuzzWhatsapp(std::string_view bytes) {
    const auto body = parseJson(bytes);
    if (!body) return;
    check(whatsapp_cloud::normalize(*body, "1001").envelopes,
          whatsapp_cloud::normalize(*body, "1001").envelopes);
}

// A connector of the configuration with callbacks that are signed as its provider signs them.
class Account {
public:
    Account(const char* type_name, Json config) : config_(std::move(config)) {
        const ConnectorType* type = findConnectorType(type_name);
        if (type == nullptr) throw Broken(std::string("no connector ") + type_name);
        auto made = type->create({"a", testing::withDefaults(type->config_schema, config_), http_, clock_});
        if (!made) throw Broken(made.error().message);
        connector_ = std::move(*made);
    }
    void receive(const HttpRequest& request) {
        const auto first = connector_->receiver()->receive(request, clock_.now());
        const auto second = connector_->receiver()->receive(request, clock_.now());
        if (first.ok() != second.ok()) throw Broken("connector: taken once, refused once");
        if (first) check(first->envelopes, second->envelopes);
    }

private:
    FakeClock clock_;
    ScriptedHttp http_;
    Json config_;
    std::unique_ptr<Connector> connector_;
};

void fuzzTwilio(std::string_view bytes) {
    static const Json config = {{"account_sid", "AC00000000000000000000000000000001"},
                                {"auth_token", "token"},
                                {"public_url", "https://gw.example.org/hooks/sms"},
                                {"from", "+15550001111"}};
    static Account account("twilio", config);
    HttpRequest request{"POST",
                        "/hooks/sms",
                        {{"content-type", "application/x-www-form-urlencoded"}},
                        std::string(bytes),
                        ""};
    request.headers.add("x-twilio-signature", twilio::signatureOf("token", "https://gw.example.org/hooks/sms",
                                                                  parseForm(request.body)));
    account.receive(request);
}

// The first line is the content type.
void fuzzWebhook(std::string_view bytes) {
    static Account account("webhook", {{"verifier", {{"kind", "none"}}}, {"dedup", {{"json_path", "id"}}}});
    const auto end = std::min(bytes.find('\n'), bytes.size());
    std::string type(bytes.substr(0, end));
    std::erase_if(type, [](char c) { return static_cast<unsigned char>(c) < 32; });
    account.receive({"POST",
                     "/hooks/a?x=1",
                     {{"content-type", type}},
                     std::string(bytes.substr(std::min(end + 1, bytes.size()))),
                     ""});
}

std::string whatsappMessage(const std::string& message) {
    return R"({"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{)"
           R"("metadata":{"phone_number_id":"1001"},"contacts":[{"profile":{"name":"Ann"},"wa_id":"49170"}],"messages":[)" +
           message + "]}}]}]}";
}

}  // namespace

void addConnectorTargets(std::vector<Target>& targets) {
    targets.push_back(
        {"whatsapp",
         fuzzWhatsapp,
         {whatsappMessage(
              R"({"from":"49170","id":"w.1","timestamp":"1760000000","type":"text","text":{"body":"hi"}})"),
          whatsappMessage(
              R"({"from":"49170","id":"w.2","timestamp":"1","type":"image","image":{"id":"m","mime_type":"image/png","sha256":"AA=="}})"),
          whatsappMessage(
              R"({"from":"49170","id":"w.3","type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"a","title":"b"}},"context":{"id":"w.0"}})"),
          whatsappMessage(
              R"({"from":"49170","id":"w.4","type":"reaction","reaction":{"message_id":"w.1","emoji":"x"}})"),
          R"({"entry":[{"changes":[{"field":"messages","value":{"statuses":[{"id":"w.9","status":"failed","timestamp":"1","recipient_id":"49170","errors":[{"code":131026,"title":"t"}]}]}}]}]})",
          R"({"entry":[{"changes":[{"field":"account_update","value":{"event":"x"}}]}]})"}});
    targets.push_back({"twilio",
                       fuzzTwilio,
                       {"MessageSid=SM1&From=%2B15550001111&To=%2B15550002222&Body=hi&NumMedia=0",
                        "SmsSid=SM2&From=whatsapp%3A%2B49170&Body=&NumMedia=2&MediaUrl0=https%3A%2F%2Fx&"
                        "MediaContentType0=image%2Fpng",
                        "MessageSid=SM3&MessageStatus=undelivered&ErrorCode=30003", "a=b"}});
    targets.push_back(
        {"webhook",
         fuzzWebhook,
         {"application/json\n{\"id\":\"1\",\"data\":{\"a\":[1,2]}}",
          "application/json\n{\"id\":", "application/x-www-form-urlencoded; charset=utf-8\na=1&a=2&id=3",
          "text/plain\nhello", "application/octet-stream\n\xff\xfe\x01"}});
}

}  // namespace signalbox::fuzz
