#include "connectors/twilio/render.h"

#include <boost/test/unit_test.hpp>

#include "connectors/sdk/connector.h"
#include "tests/support/schema_defaults.h"

namespace signalbox::twilio {
const ConnectorType& type();
}

using namespace signalbox;
using namespace signalbox::twilio;
using namespace std::chrono_literals;

namespace {

const TimePoint kNow = *parseRfc3339("2026-01-05T09:00:00Z");

Result<TwilioConfig> account(Json changes = Json::object()) {
    Json config = {{"account_sid", "AC1"},
                   {"auth_token", "t0k3n"},
                   {"public_url", "https://gw.example.test/hooks/sms"},
                   {"from", "+14155550100"}};
    config.update(changes);
    return readConfig(testing::withDefaults(type().config_schema, config));
}

OutboundMessage text(const std::string& body = "Hello") {
    OutboundMessage message;
    message.id = 77;
    message.to = {"phone", "+14133880000"};
    message.text = body;
    return message;
}

Result<FormFields> formOf(const OutboundMessage& message, const Json& changes = Json::object()) {
    const auto request = render(message, *account(changes), kNow);
    if (!request) return request.error();
    return parseForm(request->body);
}

std::string value(const Result<FormFields>& form, std::string_view name) {
    return form ? std::string(findField(*form, name).value_or("")) : "error: " + form.error().message;
}

const Json kWhatsApp = {{"from", "whatsapp:+14155550100"}};

}  // namespace

BOOST_AUTO_TEST_SUITE(twilio_render)

BOOST_AUTO_TEST_CASE(a_text_is_one_form_to_messages_json) {
    const auto request = render(text("Grüß & Co"), *account(), kNow);

    BOOST_TEST(request->method == "POST");
    BOOST_TEST(request->target == "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json");
    BOOST_TEST(request->headers.get("authorization") == "Basic QUMxOnQwazNu");
    BOOST_TEST(request->headers.get("content-type") == "application/x-www-form-urlencoded");
    BOOST_TEST(request->body.find("t0k3n") == std::string::npos);
    const auto form = parseForm(request->body);
    BOOST_TEST((form == FormFields{{"To", "+14133880000"},
                                   {"From", "+14155550100"},
                                   {"Body", "Grüß & Co"},
                                   {"StatusCallback",
                                    "https://gw.example.test/hooks/sms?sb=" + idText(kMessageId, 77)}}));
}

BOOST_AUTO_TEST_CASE(the_sender_decides_the_channel_and_a_user_id_is_whatsapp) {
    auto open = text();
    open.last_inbound_at = kNow - 1h;
    auto user = open;
    user.to = {"wa_user_id", "US.1234"};
    auto chosen = open;
    chosen.content["channel"] = "whatsapp";

    BOOST_TEST(value(formOf(open, kWhatsApp), "To") == "whatsapp:+14133880000");
    BOOST_TEST(value(formOf(open, kWhatsApp), "From") == "whatsapp:+14155550100");
    BOOST_TEST(value(formOf(user, {{"from", "MG1"}}), "To") == "whatsapp:US.1234");
    BOOST_TEST(value(formOf(user, {{"from", "MG1"}}), "MessagingServiceSid") == "MG1");
    BOOST_TEST(value(formOf(chosen, {{"from", "MG1"}}), "To") == "whatsapp:+14133880000");
    BOOST_TEST(value(formOf(open, {{"from", "MG1"}}), "To") == "+14133880000");
}

BOOST_AUTO_TEST_CASE(whatsapp_is_written_to_within_24_hours_or_by_template) {
    const auto codeAt = [](std::optional<TimePoint> last, const std::string& type = "text") {
        auto message = text();
        message.last_inbound_at = last;
        message.type = type;
        message.content = {{"content_sid", "HX1"}};
        const auto form = formOf(message, kWhatsApp);
        return form ? "" : form.error().code;
    };

    BOOST_TEST(codeAt(kNow - 23h) == "");
    BOOST_TEST(codeAt(kNow - 24h) == "63016");
    BOOST_TEST(codeAt(kNow - 24h + 59s) == "63016");
    BOOST_TEST(codeAt(kNow - 24h + 61s) == "");
    BOOST_TEST(codeAt(std::nullopt) == "63016");
    BOOST_TEST(codeAt(std::nullopt, "template") == "");
    BOOST_TEST(formOf(text()).ok());  // SMS knows no window
}

BOOST_AUTO_TEST_CASE(the_status_callback_can_be_elsewhere_or_nowhere) {
    const std::string id = idText(kMessageId, 77);
    const auto callback = [](const Json& changes) {
        return value(formOf(text(), changes), "StatusCallback");
    };

    BOOST_TEST(callback({{"status_callback", false}}) == "");
    BOOST_TEST(callback({{"status_callback", "https://b.test/s?a=1"}}) == "https://b.test/s?a=1&sb=" + id);
    BOOST_TEST(callback({{"public_url", "https://b.test/s#rc=2"}}) == "https://b.test/s?sb=" + id + "#rc=2");
    BOOST_TEST(!account({{"public_url", "https://my_host.test/s"}}).ok());
    BOOST_TEST(account({{"public_url", "https://my_host.test/s"}, {"status_callback", false}}).ok());
    BOOST_TEST(!account({{"status_callback", "nowhere"}}).ok());
}

BOOST_AUTO_TEST_CASE(attachments_need_a_url_and_may_have_a_caption) {
    auto picture = text("");
    picture.type = "image";
    picture.attachments = {{"image", "", "https://files.test/a.jpg", "image/jpeg", "", "A boat"}};
    auto by_id = picture;
    by_id.attachments[0].url = "";

    BOOST_TEST(value(formOf(picture), "MediaUrl") == "https://files.test/a.jpg");
    BOOST_TEST(value(formOf(picture), "Body") == "A boat");
    BOOST_TEST(!formOf(by_id).ok());
    picture.attachments.resize(11, picture.attachments[0]);
    BOOST_TEST(!formOf(picture).ok());
}

BOOST_AUTO_TEST_CASE(a_template_is_a_content_sid_with_numbered_variables) {
    auto named = text("");
    named.type = "template";
    named.content = {{"content_sid", "HX1"}, {"variables", {{"1", "Ann"}, {"2", 3}}}};
    auto metas = named;
    metas.content = {
        {"name", "HX2"},
        {"components",
         {{{"type", "header"}},
          {{"type", "body"}, {"parameters", {{{"type", "text"}, {"text", "Ann"}}, {{"text", "3 pm"}}}}}}}};
    auto bare = named;
    bare.content = {{"name", "welcome"}};

    BOOST_TEST(value(formOf(named), "ContentSid") == "HX1");
    BOOST_TEST(value(formOf(named), "ContentVariables") == R"({"1":"Ann","2":"3"})");
    BOOST_TEST(value(formOf(metas), "ContentSid") == "HX2");
    BOOST_TEST(value(formOf(metas), "ContentVariables") == R"({"1":"Ann","2":"3 pm"})");
    BOOST_TEST(!formOf(bare).ok());
}

BOOST_AUTO_TEST_CASE(what_twilio_cannot_send_is_refused_before_it_is_tried) {
    std::string umlauts;
    for (int i = 0; i < 1600; ++i) umlauts += "ü";
    auto reaction = text();
    reaction.type = "reaction";
    auto nobody = text();
    nobody.to.value = "";
    auto mail = text();
    mail.to = {"email", "a@b.test"};

    BOOST_TEST(formOf(text(umlauts)).ok());
    for (const auto& message : {text(umlauts + "x"), text(""), reaction, nobody, mail}) {
        const auto form = formOf(message);
        BOOST_REQUIRE(!form.ok());
        BOOST_TEST((form.error().kind == ErrorKind::Invalid));
    }
}

BOOST_AUTO_TEST_CASE(the_answer_names_sid_and_state) {
    const auto receipt =
        readReceipt({201, {}, R"({"sid":"SM1","status":"queued","num_segments":"2","error_code":null})"});

    BOOST_REQUIRE(receipt.ok());
    BOOST_TEST(receipt->external_id == "SM1");
    BOOST_TEST((receipt->state == DeliveryState::Accepted));
    BOOST_TEST(receipt->content == Json({{"status", "queued"}, {"num_segments", "2"}}));
    BOOST_TEST((readReceipt({201, {}, R"({"sid":"SM1","status":"sent"})"})->state == DeliveryState::Sent));
}

BOOST_AUTO_TEST_CASE(an_error_code_decides_what_happens_next) {
    const auto kindOf = [](int status, int code) {
        return readReceipt({status, {}, Json{{"code", code}, {"message", "+14133880000 is bad"}}.dump()})
            .error();
    };

    BOOST_TEST((kindOf(400, 21211).kind == ErrorKind::Rejected));
    BOOST_TEST((kindOf(400, 21610).kind == ErrorKind::Rejected));
    BOOST_TEST((kindOf(401, 20003).kind == ErrorKind::Unauthorized));
    BOOST_TEST((kindOf(429, 20429).kind == ErrorKind::Throttled));
    BOOST_TEST((kindOf(400, 63018).kind == ErrorKind::Throttled));
    BOOST_TEST((kindOf(400, 14107).kind == ErrorKind::Throttled));
    BOOST_TEST((kindOf(400, 99999).kind == ErrorKind::Rejected));
    BOOST_TEST(kindOf(400, 21211).code == "21211");
    BOOST_TEST(kindOf(400, 21211).message.find("+14133880000") == std::string::npos);
    BOOST_TEST(
        (readReceipt({201, {}, R"({"sid":"SM1","status":"failed","error_code":30007})"}).error().code ==
         "30007"));
}

BOOST_AUTO_TEST_CASE(an_answer_that_tells_nothing_leaves_the_outcome_open) {
    for (const auto& response :
         {HttpResponse{500, {}, ""}, HttpResponse{502, {}, "<html>"}, HttpResponse{201, {}, "garbage"},
          HttpResponse{201, {}, "{}"}, HttpResponse{504, {}, R"({"code":20500})"}}) {
        BOOST_TEST_INFO(response.status << ' ' << response.body);
        BOOST_TEST((readReceipt(response).error().kind == ErrorKind::Uncertain));
    }
    BOOST_TEST((readReceipt({503, {}, ""}).error().kind == ErrorKind::Unavailable));
    const auto throttled = readReceipt({429, {{"retry-after", "7"}}, "Too Many Requests"}).error();
    BOOST_TEST((throttled.kind == ErrorKind::Throttled));
    BOOST_TEST((throttled.retry_after == 7s));
}

BOOST_AUTO_TEST_SUITE_END()
