#include "connectors/webhook/normalize.h"

#include <boost/test/unit_test.hpp>

#include "connectors/sdk/connector.h"
#include "tests/support/schema_defaults.h"
#include "tests/support/shared_samples.h"

namespace signalbox::webhook {
const ConnectorType& type();
}

using namespace signalbox;
using namespace signalbox::webhook;

namespace {

WebhookConfig account(Json config = Json::object()) {
    if (!config.contains("verifier")) config["verifier"] = {{"kind", "none"}};
    return *readConfig(testing::withDefaults(type().config_schema, std::move(config)));
}

HttpRequest post(const std::string& content_type, std::string body, const std::string& target = "/hooks/x") {
    HttpRequest out{"POST", target};
    if (!content_type.empty()) out.headers.add("Content-Type", content_type);
    out.body = std::move(body);
    return out;
}

Envelope one(const HttpRequest& request, const WebhookConfig& config = account(), const Proof& proof = {}) {
    auto received = normalize(request, proof, config);
    BOOST_REQUIRE_EQUAL(received.envelopes.size(), 1U);
    BOOST_TEST(received.reply.status == 200);
    return received.envelopes[0];
}

Json bodyOf(const HttpRequest& request) {
    return one(request).content["body"];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_normalize)

BOOST_AUTO_TEST_CASE(a_json_body_becomes_an_event_with_everything_that_is_safe) {
    auto request = post("application/json; charset=utf-8", R"({"a":[1,2]})", "/hooks/x?tag=a&tag=b&c=1");
    request.headers.add("User-Agent", "Robot/1");

    const auto event = one(request);

    BOOST_TEST((event.kind == EnvelopeKind::Event));
    BOOST_TEST(event.event_type == "webhook.received");
    BOOST_TEST(event.channel == "webhook");
    BOOST_TEST(event.content["body"] == Json::parse(R"({"a":[1,2]})"));
    BOOST_TEST(event.content["query"] == Json::parse(R"({"tag":["a","b"],"c":"1"})"));
    BOOST_TEST(event.content["method"] == "POST");
    BOOST_TEST(event.content["content_type"] == "application/json; charset=utf-8");
    BOOST_TEST(event.content["headers"]["user-agent"] == "Robot/1");
}

BOOST_AUTO_TEST_CASE(the_declared_type_alone_chooses_the_parser) {
    BOOST_TEST(bodyOf(post("application/vnd.api+json", "{\"a\":1}"))["a"] == 1);
    BOOST_TEST(bodyOf(post("text/plain", "{\"a\":1}")) == "{\"a\":1}");
    BOOST_TEST(bodyOf(post("", "{\"a\":1}")) == "{\"a\":1}");
    BOOST_TEST(bodyOf(post("multipart/form-data; boundary=x", "--x")) == "--x");
    BOOST_TEST(bodyOf(post("application/x-www-form-urlencoded", "a=1&b=%20&a=2")) ==
               Json::parse(R"({"a":["1","2"],"b":" "})"));
    BOOST_TEST(bodyOf(post("application/json", "")).is_null());
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_arrive_whole) {
    const auto event = one(post("application/octet-stream", std::string("\xff\x00\x01", 3)));

    BOOST_TEST(event.content["body"] == "/wAB");
    BOOST_TEST(event.content["body_encoding"] == "base64");
}

BOOST_AUTO_TEST_CASE(json_in_the_single_field_payload_is_unwrapped) {
    const std::string form = "application/x-www-form-urlencoded";

    BOOST_TEST(bodyOf(post(form, "payload=%7B%22ref%22%3A%22x%22%7D"))["ref"] == "x");
    BOOST_TEST(bodyOf(post(form, "payload=1&other=2"))["payload"] == "1");
    BOOST_TEST(!normalize(post(form, "payload=%7B"), {}, account()).quarantine_reason.empty());
}

BOOST_AUTO_TEST_CASE(a_body_that_is_not_what_it_says_goes_to_quarantine_and_is_acknowledged) {
    std::string deep(100, '[');
    std::string fields;
    for (int i = 0; i < 10'001; ++i) fields += "a&";
    for (const auto& request :
         {post("application/json", "{\"a\":"), post("application/json", "\xff"),
          post("application/json", deep), post("application/x-www-form-urlencoded", fields)}) {
        const auto received = normalize(request, {}, account());
        BOOST_TEST(received.envelopes.empty());
        BOOST_TEST(!received.quarantine_reason.empty());
        BOOST_TEST(received.reply.status == 200);
        BOOST_TEST(received.reply.body == R"({"ok":true})");
    }
}

BOOST_AUTO_TEST_CASE(a_delivery_that_comes_again_has_the_same_key) {
    const auto by = [](Json dedup) { return account({{"dedup", std::move(dedup)}}); };
    auto request = post("application/json", R"({"data":{"items":[{"id":17}]}})");
    request.headers.add("X-Id", "evt_1");
    const Proof proof{"msg_1", {}};

    BOOST_TEST(one(request, account(), proof).dedup_key == "id:msg_1");
    BOOST_TEST(one(request, by({{"header", "x-id"}}), proof).dedup_key == "id:evt_1");
    BOOST_TEST(one(request, by({{"json_path", "data.items.0.id"}}), proof).dedup_key == "id:17");
    BOOST_TEST(one(request, by({{"json_path", "$.data.items.0.id"}}), proof).external_id == "17");
    BOOST_TEST(one(request, by({{"body_hash", true}}), proof).dedup_key.starts_with("body:"));
}

BOOST_AUTO_TEST_CASE(without_an_id_equal_requests_are_one_happening) {
    const auto key = [](const HttpRequest& request) {
        return one(request, account({{"dedup", {{"json_path", "id"}}}})).dedup_key;
    };
    const std::string json = "application/json";

    BOOST_TEST(key(post(json, "{}")) == key(post(json, "{}")));
    BOOST_TEST(key(post(json, "{}")) != key(post(json, "{} ")));
    BOOST_TEST(key(post(json, "{}", "/x?a=1")) != key(post(json, "{}", "/x?a=2")));
    BOOST_TEST(key(post(json, R"({"id":null})")).starts_with("body:"));
    BOOST_TEST(key(post(json, R"({"id":{"a":1}})")).starts_with("body:"));
}

BOOST_AUTO_TEST_CASE(an_endless_id_does_not_become_an_endless_key) {
    const auto event = one(post("text/plain", "x"), account(), Proof{std::string(8000, 'a'), {}});

    BOOST_TEST(event.dedup_key.size() < 100U);
}

BOOST_AUTO_TEST_CASE(the_event_is_named_by_header_or_body) {
    auto request = post("application/json", R"({"type":"contact.created","n":{"kind":"x"}})");
    request.headers.add("X-GitHub-Event", "push");
    const auto named = [&](Json config) {
        return textAt(one(request, account(std::move(config))).content, "event");
    };

    BOOST_TEST(named({{"event_type", {{"header", "X-GitHub-Event"}}}}) == "push");
    BOOST_TEST(named({{"event_type", {{"json_path", "n.kind"}}}}) == "x");
    BOOST_TEST(named({{"event_type", {{"json_path", "n.missing.more"}}}}) == "");
    BOOST_TEST(named(Json::object()) == "");
    BOOST_TEST(named({{"verifier", {{"kind", "standard_webhooks"}, {"secret", "whsec_c2VjcmV0c2VjcmV0"}}}}) ==
               "contact.created");
}

BOOST_AUTO_TEST_CASE(no_credential_is_handed_on) {
    auto request = post("application/json", "{}", "/hooks/x?key=s3cr3t&a=1");
    for (const char* name :
         {"Authorization", "Cookie", "X-Hub-Signature-256", "webhook-signature", "X-Custom"})
        request.headers.add(name, "s3cr3t");
    const auto event =
        one(request, account({{"verifier", {{"kind", "secret"}, {"query", "key"}, {"secret", "s3cr3t"}}}}));

    BOOST_TEST(dumpJson(toJson(event)).find("s3cr3t") == std::string::npos);
    BOOST_TEST(event.content["query"] == Json::parse(R"({"a":"1"})"));
}

BOOST_AUTO_TEST_CASE(other_headers_are_kept_when_asked_for_and_never_a_credential) {
    auto request = post("application/json", "{}");
    request.headers.add("X-Shop-Topic", "orders/create");
    const auto refused = [](const char* name, Json verifier = {{"kind", "none"}}) {
        return !readConfig(testing::withDefaults(type().config_schema,
                                                 {{"verifier", verifier}, {"keep_headers", {name}}}))
                    .ok();
    };

    const auto event = one(request, account({{"keep_headers", {"X-Shop-Topic"}}}));

    BOOST_TEST(event.content["headers"]["x-shop-topic"] == "orders/create");
    for (const char* name : {"Authorization", "cookie", "X-Api-Key", "X-Hub-Signature", "X-Gitlab-Token"}) {
        BOOST_TEST_INFO(name);
        BOOST_TEST(refused(name));
    }
    BOOST_TEST(refused("X-Proof", {{"kind", "secret"}, {"header", "X-Proof"}, {"secret", "s"}}));
}

BOOST_AUTO_TEST_CASE(two_places_for_one_thing_are_refused) {
    const auto config = testing::withDefaults(
        type().config_schema,
        {{"verifier", {{"kind", "none"}}}, {"dedup", {{"header", "X"}, {"json_path", "y"}}}});

    BOOST_TEST(!readConfig(config).ok());
}

BOOST_AUTO_TEST_CASE(a_path_ends_where_the_body_does) {
    const auto body = Json::parse(R"({"a":[{"b":true},2.5],"":{"x":"y"}})");

    BOOST_TEST(textAtPath(body, "a.0.b") == "true");
    BOOST_TEST(textAtPath(body, "a.1") == "2.5");
    for (const char* path :
         {"a.2", "a.-1", "a.x", "a.0.b.c", "a.", "a..b", "..", "a.99999999999999999999", "a"}) {
        BOOST_TEST_INFO(path);
        BOOST_TEST(textAtPath(body, path) == "");
    }
    BOOST_TEST(textAtPath(Json("text"), "") == "text");
}

BOOST_AUTO_TEST_CASE(a_recorded_push_is_known_by_its_delivery) {
    const auto request = testing::sharedSample("github/push.json");
    if (!request) return;
    const auto github = account({{"verifier",
                                  {{"kind", "hmac"},
                                   {"header", "X-Hub-Signature-256"},
                                   {"prefix", "sha256="},
                                   {"id_header", "X-GitHub-Delivery"},
                                   {"secret", "x"}}},
                                 {"event_type", {{"header", "X-GitHub-Event"}}}});

    const auto event = one(*request, github, Proof{"72d3162e-cc78-11e3-81ab-4c9367dc0958", {}});

    BOOST_TEST(event.external_id == "72d3162e-cc78-11e3-81ab-4c9367dc0958");
    BOOST_TEST(event.content["event"] == "push");
    BOOST_TEST(event.content["body"]["ref"] == "refs/heads/changes");
}

BOOST_AUTO_TEST_SUITE_END()
