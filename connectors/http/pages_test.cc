// Pages and credentials: what the connector does around one request.
#include <boost/test/unit_test.hpp>

#include "connectors/http/pagination.h"
#include "connectors/sdk/connector.h"
#include "connectors/sdk/credential_source.h"
#include "tests/support/fake_clock.h"
#include "tests/support/schema_defaults.h"
#include "tests/support/scripted_http.h"

namespace signalbox::http {
const ConnectorType& type();
}

namespace signalbox::http_account {
namespace {

// Keeps «crm», a token that is refused once, and «url», an address.
struct FakeCredentials : CredentialSource {
    Result<std::optional<Secret>> address(const std::string& name) override {
        if (name == "url") return std::optional<Secret>(Secret("https://hooks.test/T0/s3cret"));
        return std::optional<Secret>();
    }
    Result<std::vector<Secret>> authorize(const std::string& name, const Url&, HttpRequest& request,
                                          const std::stop_token&) override {
        if (name != "crm") return Error{ErrorKind::NotFound, "none", {}, "credential_not_found"};
        request.headers.set("authorization", "Bearer " + tokens.front());
        return std::vector<Secret>{Secret(tokens.front())};
    }
    Result<std::vector<Secret>> signingKeys(const std::string&, const Url&) override {
        return std::vector<Secret>{Secret("key")};
    }
    bool refused(const std::string&) override {
        if (tokens.size() == 1) return false;
        tokens.erase(tokens.begin());
        return true;
    }
    std::vector<std::string> tokens{"token-one", "token-two"};
};

struct Fixture {
    Result<Receipt> send(ScriptedHttp& http, Json content) {
        const auto config =
            testing::withDefaults(signalbox::http::type().config_schema, {{"base_url", "https://api.test"}});
        auto connector = signalbox::http::type().create({"erp", config, http, clock});
        BOOST_REQUIRE(connector.ok());
        dynamic_cast<UsesCredentials&>(**connector).takeCredentialsFrom(credentials);
        OutboundMessage message;
        message.type = "http";
        message.idempotency_key = "key_1";
        message.content = std::move(content);
        return (*connector)->sender()->send(message, {});
    }
    FakeClock clock;
    std::shared_ptr<FakeCredentials> credentials = std::make_shared<FakeCredentials>();
};

std::vector<std::string> targets(const ScriptedHttp& http) {
    std::vector<std::string> out;
    for (const auto& request : http.requests()) out.push_back(request.target);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_pages)

BOOST_FIXTURE_TEST_CASE(pages_are_asked_for_until_the_last_and_put_together, Fixture) {
    ScriptedHttp http{
        reply(200, {{"content-type", "application/json"}, {"link", R"(</i?p=2>; rel="next")"}}, "[1,2]"),
        reply(200, {{"content-type", "application/json"}}, "[3]")};

    const auto receipt = send(http, {{"url", "/i"}, {"pagination", {{"mode", "link"}}}});

    BOOST_REQUIRE(receipt.ok());
    BOOST_TEST(dumpJson(receipt->content["body"]) == "[1,2,3]");
    BOOST_TEST(receipt->content["pages"] == 2);
    BOOST_TEST(receipt->content["is_complete"] == true);
    BOOST_TEST(targets(http) == (std::vector<std::string>{"https://api.test/i", "https://api.test/i?p=2"}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_cursor_a_page_and_an_offset_go_on_in_the_query, Fixture) {
    ScriptedHttp cursor{reply(200, R"({"data":{"items":[1]},"next":"c 2"})"),
                        reply(200, R"({"data":{"items":[2]},"next":""})")};
    ScriptedHttp page{reply(200, "[1]"), reply(200, "[]")};
    ScriptedHttp offset{reply(200, "[1,2]"), reply(200, "[3]")};

    const auto by_cursor = send(
        cursor, {{"url", "/i?a=1"},
                 {"pagination",
                  {{"mode", "cursor"}, {"items", "data.items"}, {"next", "next"}, {"parameter", "after"}}}});
    (void)send(page, {{"url", "/i"}, {"pagination", {{"mode", "page"}}}});
    (void)send(offset, {{"url", "/i"}, {"pagination", {{"mode", "offset"}, {"step", 2}}}});

    BOOST_TEST(dumpJson(by_cursor->content["body"]) == "[1,2]");
    BOOST_TEST(targets(cursor)[1] == "https://api.test/i?a=1&after=c%202");
    BOOST_TEST(
        targets(page) == (std::vector<std::string>{"https://api.test/i?page=1", "https://api.test/i?page=2"}),
        boost::test_tools::per_element());
    BOOST_TEST(targets(offset)[1] == "https://api.test/i?offset=2");
}

BOOST_FIXTURE_TEST_CASE(the_number_of_pages_is_bounded_and_another_server_is_not_followed, Fixture) {
    ScriptedHttp endless{reply(200, R"({"items":[1],"next":"/i?p=2"})"),
                         reply(200, R"({"items":[2],"next":"/i?p=3"})")};
    ScriptedHttp elsewhere{reply(200, R"({"items":[1],"next":"https://evil.test/i"})")};
    const Json by_url = {{"mode", "url"}, {"items", "items"}, {"next", "next"}, {"max_pages", 2}};

    const auto cut = send(endless, {{"url", "/i"}, {"pagination", by_url}});
    const auto refused = send(elsewhere, {{"url", "/i"}, {"pagination", by_url}});

    BOOST_TEST(cut->content["is_complete"] == false);
    BOOST_TEST(dumpJson(cut->content["body"]) == "[1,2]");
    BOOST_TEST(refused.error().code == "next_page");
}

BOOST_FIXTURE_TEST_CASE(a_refused_token_is_got_anew_once_and_no_token_is_seen_in_the_answer, Fixture) {
    ScriptedHttp http{reply(401), reply(200, R"({"echo":"Bearer token-two"})")};

    const auto receipt = send(http, {{"url", "/i"}, {"method", "POST"}, {"credential", "crm"}});

    BOOST_REQUIRE(receipt.ok());
    BOOST_TEST(http.requests()[0].headers.get("authorization") == "Bearer token-one");
    BOOST_TEST(http.requests()[1].headers.get("authorization") == "Bearer token-two");
    BOOST_TEST(receipt->content["body"]["echo"] == "Bearer ***");
}

BOOST_FIXTURE_TEST_CASE(a_signed_request_carries_an_id_that_stays_and_a_signature, Fixture) {
    ScriptedHttp http{reply(204)};

    BOOST_REQUIRE(
        send(http,
             {{"url", "/i"}, {"method", "POST"}, {"body", {{"a", 1}}}, {"signature", {{"credential", "s"}}}})
            .ok());

    BOOST_TEST(http.requests()[0].headers.get("webhook-id") == "key_1");
    BOOST_TEST(std::string(http.requests()[0].headers.get("webhook-signature")).starts_with("v1,"));
}

BOOST_FIXTURE_TEST_CASE(an_unknown_credential_sends_nothing, Fixture) {
    ScriptedHttp http{reply(200)};

    const auto receipt = send(http, {{"url", "/i"}, {"credential", "none"}});

    BOOST_TEST(receipt.error().code == "credential_not_found");
    BOOST_TEST(http.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace signalbox::http_account
