#include "connectors/webhook/verify.h"

#include <boost/test/unit_test.hpp>

#include "connectors/sdk/connector.h"
#include "tests/support/schema_defaults.h"
#include "tests/support/shared_samples.h"

namespace signalbox::webhook {
const ConnectorType& type();
}

using namespace signalbox;
using namespace signalbox::webhook;
using namespace std::chrono_literals;

namespace {

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const TimePoint kSigned = fromMicros(1614265330'000'000);

Result<WebhookConfig> account(Json verifier) {
    return readConfig(testing::withDefaults(type().config_schema, {{"verifier", std::move(verifier)}}));
}

WebhookConfig standard(const std::string& secret = kSecret, const std::string& secondary = "") {
    return *account({{"kind", "standard_webhooks"}, {"secret", secret}, {"secret_secondary", secondary}});
}

HttpRequest request(Headers headers, std::string body) {
    HttpRequest out{"POST", "/hooks/x"};
    out.headers = std::move(headers);
    out.body = std::move(body);
    return out;
}

// Vector 1 of the specification.
HttpRequest vector1(const std::string& signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=") {
    return request({{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                    {"webhook-timestamp", "1614265330"},
                    {"webhook-signature", signature}},
                   R"({"test": 2432232314})");
}

bool isAccepted(const Result<WebhookConfig>& config, const HttpRequest& request, TimePoint now = kSigned) {
    BOOST_REQUIRE(config.ok());
    const auto proof = verify(config->verifier, request, now);
    if (!proof) BOOST_TEST((proof.error().kind == ErrorKind::Unauthorized));
    return proof.ok();
}

// hmac-sha256 of "{}" under "key", in hex.
std::string hexOf(const std::string& text) {
    return toHex(hmac(HashAlgorithm::Sha256, "key", text));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_verify)

BOOST_AUTO_TEST_CASE(a_standard_webhook_is_accepted_within_its_tolerance) {
    BOOST_TEST(isAccepted(standard(), vector1()));
    BOOST_TEST(isAccepted(standard(), vector1(), kSigned + 300s));
    BOOST_TEST(isAccepted(standard(), vector1(), kSigned - 300s));
    BOOST_TEST(!isAccepted(standard(), vector1(), kSigned + 301s));
    BOOST_TEST(!isAccepted(standard(), vector1(), kSigned - 301s));
}

BOOST_AUTO_TEST_CASE(the_proof_tells_id_and_time) {
    const auto proof = verify(standard().verifier, vector1(), kSigned);

    BOOST_TEST(proof->id == "msg_p5jXN8AQM9LWM0D4loKWxJek");
    BOOST_TEST((proof->signed_at == kSigned));
}

BOOST_AUTO_TEST_CASE(one_right_signature_of_a_list_is_enough_and_unknown_versions_are_none) {
    const std::string good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    BOOST_TEST(
        isAccepted(standard(), vector1("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,x " + good)));
    for (const char* bad : {"v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,", "v1",
                            "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", " ", ",",
                            "v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}) {
        BOOST_TEST_INFO(bad);
        BOOST_TEST(!isAccepted(standard(), vector1(bad)));
    }
}

BOOST_AUTO_TEST_CASE(id_time_and_body_are_all_signed) {
    auto other_id = vector1(), other_time = vector1(), other_body = vector1();
    other_id.headers.set("webhook-id", "msg_other");
    other_time.headers.set("webhook-timestamp", "1614265331");
    other_body.body = R"({"test":2432232314})";

    for (const auto* changed : {&other_id, &other_time, &other_body})
        BOOST_TEST(!isAccepted(standard(), *changed));
}

BOOST_AUTO_TEST_CASE(a_missing_header_or_a_time_that_is_none_is_refused) {
    for (const char* name : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
        auto lacking = vector1();
        lacking.headers.remove(name);
        BOOST_TEST(!isAccepted(standard(), lacking));
    }
    for (const char* time : {"", "x", "-1614265330", "1614265330x", "99999999999999999999", "1e9"}) {
        auto odd = vector1();
        odd.headers.set("webhook-timestamp", time);
        BOOST_TEST(!isAccepted(standard(), odd));
    }
}

BOOST_AUTO_TEST_CASE(svix_names_are_the_same_scheme_but_are_not_mixed_with_the_others) {
    const auto from = vector1();
    Headers svix;
    for (const auto& [name, value] : from.headers) svix.add("svix-" + name.substr(8), value);
    auto mixed = vector1();
    mixed.headers.remove("webhook-id");
    mixed.headers.add("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek");

    BOOST_TEST(isAccepted(standard(), request(svix, from.body)));
    BOOST_TEST(!isAccepted(standard(), mixed));
}

BOOST_AUTO_TEST_CASE(a_public_key_verifies_v1a) {
    const auto config = standard("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=");
    const std::string signature =
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

    BOOST_TEST(isAccepted(config, vector1(signature)));
    BOOST_TEST(!isAccepted(config, vector1("v1" + signature.substr(3))));
    BOOST_TEST(!isAccepted(config, vector1()));
    BOOST_TEST(!isAccepted(standard(), vector1(signature)));
}

BOOST_AUTO_TEST_CASE(a_second_secret_is_accepted_during_a_rotation) {
    BOOST_TEST(isAccepted(standard("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", kSecret), vector1()));
    BOOST_TEST(!isAccepted(standard("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"), vector1()));
}

BOOST_AUTO_TEST_CASE(github_signs_the_body_with_a_prefixed_hex_hmac) {
    const auto github = account({{"kind", "hmac"},
                                 {"header", "X-Hub-Signature-256"},
                                 {"prefix", "sha256="},
                                 {"id_header", "X-GitHub-Delivery"},
                                 {"secret", "It's a Secret to Everybody"}});
    const std::string hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    BOOST_TEST(isAccepted(github, request({{"x-hub-signature-256", "sha256=" + hex}}, "Hello, World!")));
    BOOST_TEST(!isAccepted(github, request({{"x-hub-signature-256", "sha256=" + hex}}, "Hello, World")));
    for (const std::string& value :
         {hex, "sha1=" + hex, "sha256=" + hex.substr(2), std::string("sha256="), std::string()})
        BOOST_TEST(!isAccepted(github, request({{"x-hub-signature-256", value}}, "Hello, World!")));
    BOOST_TEST(!isAccepted(github, request({}, "Hello, World!")));
}

BOOST_AUTO_TEST_CASE(a_signed_template_binds_time_and_id) {
    const auto config = account({{"kind", "hmac"},
                                 {"header", "X-Sig"},
                                 {"secret", "key"},
                                 {"signed", "{id}.{ts}.{body}"},
                                 {"timestamp_header", "X-Time"},
                                 {"id_header", "X-Id"}});
    const auto signed_with = [](const std::string& id, const std::string& time) {
        return request({{"X-Sig", hexOf("7.1614265330.{}")}, {"X-Time", time}, {"X-Id", id}}, "{}");
    };

    BOOST_TEST(isAccepted(config, signed_with("7", "1614265330")));
    BOOST_TEST(!isAccepted(config, signed_with("8", "1614265330")));
    BOOST_TEST(!isAccepted(config, signed_with("7", "1614265331")));
    BOOST_TEST(!isAccepted(config, signed_with("7", "")));
    BOOST_TEST(!isAccepted(config, signed_with("7", "1614265330"), kSigned + 301s));
}

BOOST_AUTO_TEST_CASE(text_in_the_body_is_no_template) {
    const auto config = account({{"kind", "hmac"},
                                 {"header", "X-Sig"},
                                 {"secret", "key"},
                                 {"signed", "{body}|{id}"},
                                 {"id_header", "X-Id"}});

    BOOST_TEST(isAccepted(config, request({{"X-Sig", hexOf("a{id}b|7")}, {"X-Id", "7"}}, "a{id}b")));
}

BOOST_AUTO_TEST_CASE(a_list_header_may_hold_the_time_among_several_signatures) {
    const auto stripe = account({{"kind", "hmac"},
                                 {"header", "Stripe-Signature"},
                                 {"separator", ","},
                                 {"prefix", "v1="},
                                 {"secret", "key"},
                                 {"signed", "{ts}.{body}"},
                                 {"timestamp_header", "Stripe-Signature"},
                                 {"timestamp_prefix", "t="}});
    const std::string good = hexOf("1614265330.{}");

    BOOST_TEST(isAccepted(
        stripe, request({{"Stripe-Signature", "t=1614265330, v1=00, v1=" + good + ",v0=x"}}, "{}")));
    BOOST_TEST(!isAccepted(stripe, request({{"Stripe-Signature", "t=1614265330,v0=" + good}}, "{}")));
    BOOST_TEST(!isAccepted(stripe, request({{"Stripe-Signature", "v1=" + good}}, "{}")));
}

BOOST_AUTO_TEST_CASE(keys_and_signatures_come_in_other_spellings_and_hashes) {
    const auto teams = account({{"kind", "hmac"},
                                {"header", "Authorization"},
                                {"prefix", "HMAC "},
                                {"encoding", "base64"},
                                {"secret", toBase64("key")},
                                {"secret_encoding", "base64"}});
    const auto sha512 = account({{"kind", "hmac"},
                                 {"header", "X-Sig"},
                                 {"secret", toHex("key")},
                                 {"secret_encoding", "hex"},
                                 {"algorithm", "sha512"}});
    const auto sha1 =
        account({{"kind", "hmac"}, {"header", "X-Sig"}, {"secret", "key"}, {"algorithm", "sha1"}});
    const auto mac = [](HashAlgorithm algorithm) { return hmac(algorithm, "key", "{}"); };

    BOOST_TEST(isAccepted(
        teams, request({{"Authorization", "HMAC " + toBase64(mac(HashAlgorithm::Sha256))}}, "{}")));
    BOOST_TEST(isAccepted(sha512, request({{"X-Sig", toHex(mac(HashAlgorithm::Sha512))}}, "{}")));
    BOOST_TEST(isAccepted(sha1, request({{"X-Sig", toHex(mac(HashAlgorithm::Sha1))}}, "{}")));
    BOOST_TEST(!isAccepted(sha1, request({{"X-Sig", toHex(mac(HashAlgorithm::Sha256))}}, "{}")));
}

BOOST_AUTO_TEST_CASE(a_fixed_secret_may_stand_in_a_header_or_in_the_query) {
    const auto header = account({{"kind", "secret"},
                                 {"header", "Authorization"},
                                 {"prefix", "Bearer "},
                                 {"secret", "s3cr3t"},
                                 {"secret_secondary", "older"}});
    const auto query = account({{"kind", "secret"}, {"query", "key"}, {"secret", "a b"}});
    auto called = request({}, "{}");
    called.target = "/hooks/x?key=a%20b";
    auto wrong = called;
    wrong.target = "/hooks/x?key=a%20bc";

    BOOST_TEST(isAccepted(header, request({{"authorization", "Bearer s3cr3t"}}, "{}")));
    BOOST_TEST(isAccepted(header, request({{"authorization", "Bearer older"}}, "{}")));
    for (const char* value : {"s3cr3t", "Bearer s3cr3", "Bearer s3cr3t ", "Bearer ", ""})
        BOOST_TEST(!isAccepted(header, request({{"authorization", value}}, "{}")));
    BOOST_TEST(isAccepted(query, called));
    BOOST_TEST(!isAccepted(query, wrong));
    BOOST_TEST(!isAccepted(query, request({{"key", "a b"}}, "{}")));
}

BOOST_AUTO_TEST_CASE(without_proof_only_when_it_is_stated) {
    BOOST_TEST(isAccepted(account({{"kind", "none"}}), request({}, "{}")));
    BOOST_TEST(!account({{"kind", "none"}, {"secret", "x"}}).ok());
    BOOST_TEST(!account({{"kind", ""}}).ok());
}

BOOST_AUTO_TEST_CASE(a_verifier_that_would_prove_nothing_is_refused_at_the_start) {
    const Json bad[] = {
        {{"kind", "standard_webhooks"}},
        {{"kind", "standard_webhooks"}, {"secret", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
        {{"kind", "standard_webhooks"}, {"secret", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
        {{"kind", "standard_webhooks"}, {"secret", "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
        {{"kind", "standard_webhooks"}, {"secret", "whsec_!"}},
        {{"kind", "hmac"}, {"secret", "k"}},
        {{"kind", "hmac"}, {"header", "X"}},
        {{"kind", "hmac"}, {"header", "X"}, {"secret", "xyz"}, {"secret_encoding", "hex"}},
        {{"kind", "hmac"}, {"header", "X"}, {"secret", "k"}, {"signed", "{ts}"}},
        {{"kind", "hmac"}, {"header", "X"}, {"secret", "k"}, {"signed", "{ts}.{body}"}},
        {{"kind", "hmac"}, {"header", "X"}, {"secret", "k"}, {"signed", "{id}.{body}"}},
        {{"kind", "hmac"}, {"header", "X"}, {"secret", "k"}, {"timestamp_header", "T"}},
        {{"kind", "secret"}, {"secret", "k"}},
        {{"kind", "secret"}, {"header", "X"}, {"query", "y"}, {"secret", "k"}},
        {{"kind", "secret"}, {"header", "X"}},
    };
    for (const auto& verifier : bad) {
        const auto config = account(verifier);
        BOOST_TEST_INFO(verifier.dump());
        BOOST_REQUIRE(!config.ok());
        BOOST_TEST((config.error().kind == ErrorKind::Invalid));
    }
}

BOOST_AUTO_TEST_CASE(recorded_requests_are_genuine_at_their_time_and_not_a_byte_later) {
    const std::string second = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const std::string ed25519 = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    const Json github = {{"kind", "hmac"}, {"header", "X-Hub-Signature-256"}, {"prefix", "sha256="}};
    const auto with = [](Json verifier, const char* secret) {
        verifier["secret"] = secret;
        return *account(verifier);
    };
    const std::pair<const char*, WebhookConfig> samples[] = {
        {"standard_webhooks/vector-1.json", standard()},
        {"standard_webhooks/vector-1-rotation.json", standard()},
        {"standard_webhooks/vector-2.json", standard(second)},
        {"standard_webhooks/vector-ed25519.json", standard(ed25519)},
        {"github/hello-world.txt", with(github, "It's a Secret to Everybody")},
        {"generic_hmac/hex-sha256-rawbody.json",
         with({{"kind", "hmac"}, {"header", "X-Signature-256"}, {"prefix", "sha256="}}, "gw-test-secret")}};
    for (const auto& [name, config] : samples) {
        auto request = testing::sharedSample(name);
        if (!request) continue;
        const auto time = parseTimestamp(request->headers.get("webhook-timestamp")).value_or(kSigned);
        BOOST_TEST_INFO(name);
        BOOST_TEST(isAccepted(config, *request, time));
        if (request->headers.find("webhook-id")) BOOST_TEST(!isAccepted(config, *request, time + 301s));
        request->body += ' ';
        BOOST_TEST(!isAccepted(config, *request, time));
    }
}

BOOST_AUTO_TEST_SUITE_END()
