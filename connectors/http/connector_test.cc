#include "connectors/sdk/connector.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/loopback_server.h"
#include "tests/support/schema_defaults.h"

namespace signalbox::http {
const ConnectorType& type();
}

using namespace signalbox;

namespace {

// Answers each request with its own bytes as JSON text, or with what `answer` holds.
struct Fixture {
    std::string answer;
    LoopbackServer target{[this](LoopbackServer::Peer& peer) {
        for (std::string request = peer.readRequest(); !request.empty(); request = peer.readRequest()) {
            if (answer == "hang up") return;
            peer.write(answer.empty() ? okResponse(request) : answer);
        }
    }};
    FakeClock clock;
    std::unique_ptr<HttpClient> http = makeHttpClient({.allow_any = true, .any_port = true});  // the daemon's

    Result<Receipt> send(Json content,
                         Json config = {{"allow_networks", {"127.0.0.0/8"}}, {"allow_any_port", true}}) {
        auto connector = http::type().create(
            {"erp", testing::withDefaults(http::type().config_schema, std::move(config)), *http, clock});
        BOOST_REQUIRE(connector.ok());
        OutboundMessage message;
        message.type = "http";
        message.idempotency_key = "key_1";
        message.content = std::move(content);
        return (*connector)->sender()->send(message, {});
    }
};

Json allowed(Json config) {
    config["allow_networks"] = {"127.0.0.0/8"};
    config["allow_any_port"] = true;
    return config;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_connector)

BOOST_FIXTURE_TEST_CASE(an_account_of_the_api_opens_nothing_that_the_daemon_keeps_shut, Fixture) {
    const auto make = [&](Json config) {
        return http::type().create({"erp",
                                    testing::withDefaults(http::type().config_schema, std::move(config)),
                                    *http, clock, AddressPolicy{}, true});
    };

    for (const Json& config : {Json{{"allow_networks", {"127.0.0.0/8"}}}, Json{{"allow_any_port", true}}}) {
        const auto made = make(config);
        BOOST_REQUIRE(!made.ok());
        BOOST_TEST((made.error().kind == ErrorKind::Invalid));
        BOOST_TEST(made.error().message.find("egress") != std::string::npos);
    }
    const auto plain = make(Json::object());
    BOOST_REQUIRE(plain.ok());
    OutboundMessage message;
    message.type = "http";
    message.content = {{"url", target.url("/")}};
    BOOST_TEST(!(*plain)->sender()->send(message, {}).ok());
}

BOOST_FIXTURE_TEST_CASE(a_request_reaches_its_target_and_the_answer_comes_back, Fixture) {
    const auto receipt =
        send({{"url", target.url("/orders?a=1")}, {"method", "POST"}, {"body", {{"id", 7}}}});

    BOOST_REQUIRE(receipt.ok());
    BOOST_TEST(receipt->content["status"] == 200);
    const std::string seen = receipt->content["body"];
    BOOST_TEST(seen.starts_with("POST /orders?a=1 HTTP/1.1\r\n"));
    BOOST_TEST(seen.find("idempotency-key: key_1\r\n") != std::string::npos);
    BOOST_TEST(seen.ends_with("\r\n\r\n{\"id\":7}"));
}

BOOST_FIXTURE_TEST_CASE(private_addresses_are_out_of_reach_until_an_admin_opens_them, Fixture) {
    for (const Json& config :
         {Json::object(), Json{{"allow_any_port", true}}, Json{{"allow_networks", {"10.0.0.0/8"}}}}) {
        const auto receipt = send({{"url", target.url()}}, config);
        BOOST_REQUIRE(!receipt.ok());
        BOOST_TEST((receipt.error().kind == ErrorKind::Rejected));
    }
    BOOST_TEST(target.accepted() == 0);
    BOOST_TEST(send({{"url", target.url()}}).ok());
}

BOOST_FIXTURE_TEST_CASE(what_the_daemon_opens_to_all_workflows_is_open_here_too, Fixture) {
    const AddressPolicy egress{.allowed_networks = {"127.0.0.0/8"}, .any_port = true};
    const Json config = testing::withDefaults(http::type().config_schema, Json::object());
    auto connector = http::type().create({"erp", config, *http, clock, egress});
    OutboundMessage message;
    message.type = "http";
    message.content = {{"url", target.url()}};

    BOOST_TEST((*connector)->sender()->send(message, {}).ok());
}

BOOST_FIXTURE_TEST_CASE(base_url_was_chosen_by_an_admin_and_may_be_private, Fixture) {
    const Json config = {{"base_url", target.url("/api")}};

    BOOST_TEST(send({{"url", "/x"}}, config).ok());
    // The same server under another port, or named otherwise, is somewhere else.
    BOOST_TEST(!send({{"url", "http://localhost:" + std::to_string(target.port()) + "/"}}, config).ok());
    BOOST_TEST(target.accepted() == 1);
}

BOOST_FIXTURE_TEST_CASE(an_echoing_server_does_not_carry_the_credentials_into_the_receipt, Fixture) {
    const auto receipt =
        send({{"url", "/x"}}, {{"base_url", target.url("/api")}, {"bearer_token", "t0k3n-t0k3n"}});

    BOOST_REQUIRE(receipt.ok());
    const std::string seen = receipt->content["body"];
    BOOST_TEST(seen.starts_with("GET /api/x HTTP/1.1"));
    BOOST_TEST(seen.find("authorization: Bearer ***") != std::string::npos);
    BOOST_TEST(dumpJson(receipt->content).find("t0k3n") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_redirect_is_not_followed, Fixture) {
    answer = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";

    const auto failed = send({{"url", target.url("/x")}});
    const auto seen = send({{"url", target.url("/x")}, {"fail_on_status", false}});

    BOOST_TEST(!failed.ok());
    BOOST_REQUIRE(seen.ok());
    BOOST_TEST(seen->content["headers"]["location"] == "/elsewhere");
}

BOOST_FIXTURE_TEST_CASE(without_an_answer_a_post_is_uncertain_and_a_put_may_be_repeated, Fixture) {
    answer = "hang up";
    const auto kindOf = [&](const char* method, Json config = Json::object()) {
        return send({{"url", target.url()}, {"method", method}}, allowed(std::move(config))).error().kind;
    };

    BOOST_TEST((kindOf("POST") == ErrorKind::Uncertain));
    BOOST_TEST((kindOf("PATCH") == ErrorKind::Uncertain));
    BOOST_TEST((kindOf("PUT") == ErrorKind::Unavailable));
    BOOST_TEST((kindOf("DELETE") == ErrorKind::Unavailable));
    BOOST_TEST((kindOf("GET") == ErrorKind::Unavailable));
    BOOST_TEST((kindOf("POST", {{"idempotent", true}}) == ErrorKind::Unavailable));
}

BOOST_FIXTURE_TEST_CASE(check_asks_base_url_and_takes_any_answer_but_refused_credentials, Fixture) {
    const auto check = [&](const std::string& status) {
        answer = "HTTP/1.1 " + status + " X\r\nContent-Length: 0\r\n\r\n";
        const Json config = {{"base_url", target.url("/api")}, {"bearer_token", "t0k3n-t0k3n"}};
        auto connector = http::type().create(
            {"erp", testing::withDefaults(http::type().config_schema, config), *http, clock});
        return (*connector)->check({});
    };

    BOOST_TEST(check("200").ok());
    BOOST_TEST(check("404").ok());
    BOOST_TEST((check("401").error().kind == ErrorKind::Unauthorized));
    BOOST_TEST((check("503").error().kind == ErrorKind::Unavailable));
}

BOOST_AUTO_TEST_SUITE_END()
