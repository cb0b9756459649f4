#include "connectors/twilio/signature.h"

#include <boost/test/unit_test.hpp>

#include "base/crypto.h"
#include "connectors/sdk/connector.h"
#include "tests/support/schema_defaults.h"
#include "tests/support/shared_samples.h"

namespace signalbox::twilio {
const ConnectorType& type();
}

using namespace signalbox;
using namespace signalbox::twilio;

namespace {

constexpr const char* kUrl = "https://mycompany.com/myapp.php?foo=1&bar=2";
constexpr const char* kForm =
    "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";

TwilioConfig account(const std::string& public_url) {
    return *readConfig(testing::withDefaults(type().config_schema, {{"account_sid", "AC1"},
                                                                    {"auth_token", "12345"},
                                                                    {"public_url", public_url},
                                                                    {"from", "+14155550100"}}));
}

HttpRequest post(const std::string& target, const std::string& body, const std::string& signature) {
    HttpRequest request{"POST", target};
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                       {"X-Twilio-Signature", signature}};
    request.body = body;
    return request;
}

bool isAccepted(const TwilioConfig& config, const HttpRequest& request) {
    const auto callback = readCallback(request);
    return callback && verify(config, request, *callback).ok();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(twilio_signature)

BOOST_AUTO_TEST_CASE(the_published_vectors_come_out) {
    const auto sign = [](const char* url, const char* form) {
        return signatureOf("12345", url, parseForm(form));
    };

    BOOST_TEST(sign(kUrl, kForm) == "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    BOOST_TEST(sign("https://mycompany.com:443/myapp.php?foo=1&bar=2", kForm) ==
               "kvajT1Ptam85bY51eRf/AJRuM3w=");
    BOOST_TEST(sign("http://mycompany.com:1234/myapp.php?foo=1&bar=2", kForm) ==
               "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=");
    BOOST_TEST(sign("http://mycompany.com:80/myapp.php?foo=1&bar=2", kForm) ==
               "0ZXoZLH/DfblKGATFgpif+LLRf4=");
    BOOST_TEST(sign(kUrl, "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234") ==
               "IK+Dwps556ElfBT0I3Rgjkr1wJU=");
}

BOOST_AUTO_TEST_CASE(a_form_is_accepted_whether_twilio_signed_the_port_or_not) {
    for (const char* signature : {"RSOYDt4T1cUTdK1PDd93/VVr8B8=", "kvajT1Ptam85bY51eRf/AJRuM3w="}) {
        for (const char* url : {"https://mycompany.com/myapp.php", "https://mycompany.com:443/myapp.php"}) {
            BOOST_TEST_INFO(url << ' ' << signature);
            BOOST_TEST(isAccepted(account(url), post("/hooks/x?foo=1&bar=2", kForm, signature)));
        }
    }
    BOOST_TEST(isAccepted(account("http://mycompany.com:1234/myapp.php"),
                          post("/h?foo=1&bar=2", kForm, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=")));
    BOOST_TEST(isAccepted(account("http://mycompany.com/myapp.php"),
                          post("/h?foo=1&bar=2", kForm, "0ZXoZLH/DfblKGATFgpif+LLRf4=")));
}

BOOST_AUTO_TEST_CASE(the_url_may_be_given_whole_or_as_the_server_in_front_of_the_path) {
    const auto request = post("/myapp.php?foo=1&bar=2", kForm, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");

    BOOST_TEST(isAccepted(account("https://mycompany.com"), request));
    BOOST_TEST(isAccepted(account("https://mycompany.com/"), request));
    BOOST_TEST(isAccepted(account("https://mycompany.com/myapp.php?left=over"), request));
    BOOST_TEST(!isAccepted(account("https://mycompany.org"), request));
    BOOST_TEST(!isAccepted(account("http://mycompany.com"), request));
}

BOOST_AUTO_TEST_CASE(the_host_header_has_no_say) {
    auto request = post("/myapp.php?foo=1&bar=2", kForm, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    request.headers.add("Host", "mycompany.com");

    BOOST_TEST(!isAccepted(account("https://elsewhere.test"), request));
}

BOOST_AUTO_TEST_CASE(every_parameter_that_came_is_part_of_the_signature) {
    const auto config = account("https://mycompany.com/myapp.php");
    const std::string more = std::string(kForm) + "&Unknown=1";
    const auto resigned = signatureOf("12345", kUrl, parseForm(more));

    BOOST_TEST(!isAccepted(config, post("/h?foo=1&bar=2", more, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")));
    BOOST_TEST(isAccepted(config, post("/h?foo=1&bar=2", more, resigned)));
    BOOST_TEST(!isAccepted(config, post("/h?foo=1&bar=3", kForm, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")));
}

BOOST_AUTO_TEST_CASE(a_missing_empty_or_wrong_signature_is_refused) {
    const auto config = account("https://mycompany.com/myapp.php");
    auto unsigned_request = post("/h?foo=1&bar=2", kForm, "");
    unsigned_request.headers.remove("X-Twilio-Signature");

    for (const char* signature :
         {"", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "rsoydt4t1cUTdK1PDd93/VVr8B8=", "=", "\xff"}) {
        BOOST_TEST_INFO(signature);
        BOOST_TEST(!isAccepted(config, post("/h?foo=1&bar=2", kForm, signature)));
    }
    const auto callback = readCallback(unsigned_request);
    BOOST_TEST((verify(config, unsigned_request, *callback).error().kind == ErrorKind::Unauthorized));
}

BOOST_AUTO_TEST_CASE(both_tokens_count_while_the_token_is_rotated) {
    auto config = account("https://mycompany.com/myapp.php");
    config.signing_tokens = {Secret("new"), Secret("12345")};

    BOOST_TEST(isAccepted(config, post("/h?foo=1&bar=2", kForm, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")));
    config.signing_tokens.pop_back();
    BOOST_TEST(!isAccepted(config, post("/h?foo=1&bar=2", kForm, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")));
}

BOOST_AUTO_TEST_CASE(a_json_body_counts_only_with_its_hash_in_the_signed_url) {
    const auto config = account("https://mycompany.com/myapp.php");
    auto request =
        post("/h?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
             R"({"property": "value", "boolean": true})", "a9nBmqA0ju/hNViExpshrM61xv4=");
    request.headers.set("Content-Type", "application/json");

    BOOST_TEST(isAccepted(config, request));
    request.body += ' ';
    BOOST_TEST(!isAccepted(config, request));
    // A signature made for a URL alone (a GET) must not carry any body in.
    auto smuggled = post("/h?a=1", "{}", signatureOf("12345", "https://mycompany.com/myapp.php?a=1", {}));
    smuggled.headers.set("Content-Type", "application/json");
    BOOST_TEST(!isAccepted(config, smuggled));
}

BOOST_AUTO_TEST_CASE(a_get_callback_is_signed_by_its_url) {
    const auto config = account("https://mycompany.com/myapp.php");
    HttpRequest request{"GET", "/h?MessageSid=SM1&MessageStatus=sent"};
    request.headers = {
        {"X-Twilio-Signature",
         signatureOf("12345", "https://mycompany.com/myapp.php?MessageSid=SM1&MessageStatus=sent", {})}};

    BOOST_TEST(isAccepted(config, request));
    request.target += "x";
    BOOST_TEST(!isAccepted(config, request));
}

BOOST_AUTO_TEST_CASE(connection_overrides_in_the_fragment_are_accepted_signed_or_not) {
    const auto config = account("https://mycompany.com/myapp.php#rc=2&rp=all");
    const auto form = parseForm(kForm);

    for (const char* url :
         {"https://mycompany.com/myapp.php?x=1", "https://mycompany.com/myapp.php?x=1#rc=2&rp=all"})
        BOOST_TEST(isAccepted(config, post("/h?x=1", kForm, signatureOf("12345", url, form))));
}

BOOST_AUTO_TEST_CASE(a_flood_of_fields_is_refused_before_it_costs_time) {
    std::string body;
    for (int i = 0; i < 1001; ++i) body += "a=1&";

    BOOST_TEST(!readCallback(post("/h", body, "x")).ok());
}

BOOST_AUTO_TEST_CASE(each_recorded_request_is_accepted_and_no_changed_one) {
    const auto config = account("https://gw.example.test/hooks/twilio");
    for (const char* name :
         {"in-sms", "in-wa-button", "in-wa-contact-vcard", "in-wa-image", "in-wa-location", "in-wa-reply",
          "status-delivered", "status-failed-63018", "status-read-whatsapp", "status-sent"}) {
        auto request = testing::sharedSample(std::string("twilio/") + name + ".txt");
        if (!request) continue;
        BOOST_TEST_INFO(name);
        BOOST_TEST(isAccepted(config, *request));
        request->body += "&x=";
        BOOST_TEST(!isAccepted(config, *request));
    }
}

BOOST_AUTO_TEST_SUITE_END()
