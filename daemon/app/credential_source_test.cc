#include "daemon/app/credential_source.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/hub_fixture.h"
#include "tests/support/scripted_http.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

struct Fixture : HubFixture {
    Fixture() {
        auto opened = Vault::open(*store, clock, std::filesystem::path(dir.path()) / "vault.key");
        BOOST_REQUIRE(opened.ok());
        vault = std::move(*opened);
        credentials = std::make_unique<CredentialStore>(*store, ids, clock, *vault);
    }
    void make(Json form) { BOOST_REQUIRE(credentials->create(kDefaultOrg, form, "usr").ok()); }

    std::unique_ptr<Vault> vault;
    std::unique_ptr<CredentialStore> credentials;
};

const Json kOAuth = {
    {"name", "crm"},        {"type", "oauth2"},          {"token_url", "https://login.test/token"},
    {"client_id", "me"},    {"client_secret", "s3cret"}, {"scope", "read"},
    {"hosts", {"api.test"}}};

HttpRequest to(const std::string& url) {
    HttpRequest request;
    request.target = url;
    return request;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(each_type_joins_the_request_its_own_way, Fixture) {
    ScriptedHttp http;
    CredentialTokens tokens(*credentials, http, clock);
    make({{"name", "b"}, {"type", "bearer"}, {"token", "t"}, {"hosts", {"api.test"}}});
    make(
        {{"name", "u"}, {"type", "basic"}, {"username", "ann"}, {"password", "pw"}, {"hosts", {"api.test"}}});
    make({{"name", "h"}, {"type", "header"}, {"header", "X-Key"}, {"value", "k"}, {"hosts", {"api.test"}}});
    make({{"name", "q"}, {"type", "query"}, {"parameter", "key"}, {"value", "a b"}, {"hosts", {"api.test"}}});
    const auto source = tokens.of(kDefaultOrg);
    const Url url = *parseUrl("https://api.test/x?a=1");
    const auto with = [&](const std::string& name) {
        HttpRequest request = to("https://api.test/x?a=1");
        BOOST_REQUIRE(source->authorize(name, url, request, {}).ok());
        return request;
    };

    BOOST_TEST(with("b").headers.get("authorization") == "Bearer t");
    BOOST_TEST(with("u").headers.get("authorization") == "Basic YW5uOnB3");
    BOOST_TEST(with("h").headers.get("x-key") == "k");
    BOOST_TEST(with("q").target == "https://api.test/x?a=1&key=a%20b");
}

BOOST_FIXTURE_TEST_CASE(a_credential_goes_nowhere_else_and_to_no_other_organization, Fixture) {
    ScriptedHttp http;
    CredentialTokens tokens(*credentials, http, clock);
    make({{"name", "b"}, {"type", "bearer"}, {"token", "t"}, {"hosts", {"api.test"}}});
    HttpRequest request = to("https://evil.test/");

    const auto elsewhere =
        tokens.of(kDefaultOrg)->authorize("b", *parseUrl("https://evil.test/"), request, {});
    const auto plain = tokens.of(kDefaultOrg)->authorize("b", *parseUrl("http://api.test/"), request, {});
    const auto foreign = tokens.of(2)->authorize("b", *parseUrl("https://api.test/"), request, {});

    BOOST_TEST(elsewhere.error().code == "credential_host");
    BOOST_TEST(plain.error().code == "credential_host");
    BOOST_TEST(foreign.error().code == "credential_not_found");
    BOOST_TEST(!request.headers.find("authorization").has_value());
}

BOOST_FIXTURE_TEST_CASE(a_token_is_got_once_and_anew_when_it_runs_out_or_was_refused, Fixture) {
    ScriptedHttp http{reply(200, R"({"access_token":"one","expires_in":3600})"),
                      reply(200, R"({"access_token":"two","expires_in":3600})"),
                      reply(200, R"({"access_token":"three"})")};
    CredentialTokens tokens(*credentials, http, clock);
    make(kOAuth);
    const auto source = tokens.of(kDefaultOrg);
    const auto sent = [&] {
        HttpRequest request = to("https://api.test/");
        BOOST_REQUIRE(source->authorize("crm", *parseUrl("https://api.test/"), request, {}).ok());
        return std::string(request.headers.get("authorization"));
    };

    BOOST_TEST(sent() == "Bearer one");
    BOOST_TEST(sent() == "Bearer one");
    clock.advance(3600s);
    BOOST_TEST(sent() == "Bearer two");
    BOOST_TEST(source->refused("crm"));
    BOOST_TEST(!source->refused("crm"));
    BOOST_TEST(sent() == "Bearer three");
    BOOST_REQUIRE(http.requests().size() == 3U);
    BOOST_TEST(http.requests()[0].target == "https://login.test/token");
    BOOST_TEST(http.requests()[0].body == "grant_type=client_credentials&scope=read");
    BOOST_TEST(http.requests()[0].headers.get("authorization") == "Basic bWU6czNjcmV0");
}

BOOST_FIXTURE_TEST_CASE(a_refused_client_is_final_and_an_absent_server_is_tried_again, Fixture) {
    ScriptedHttp http{reply(401, R"({"error":"invalid_client"})"), reply(503)};
    CredentialTokens tokens(*credentials, http, clock);
    make(kOAuth);
    const auto asked = [&] {
        HttpRequest request = to("https://api.test/");
        return tokens.of(kDefaultOrg)->authorize("crm", *parseUrl("https://api.test/"), request, {}).error();
    };

    const Error refused = asked(), away = asked();

    BOOST_TEST((refused.kind == ErrorKind::Rejected));
    BOOST_TEST(refused.message == "credential \"crm\": token_url: answered with HTTP status 401");
    BOOST_TEST((away.kind == ErrorKind::Unavailable));
}

}  // namespace signalbox
