#include <boost/test/unit_test.hpp>
#include <thread>

#include "base/crypto.h"
#include "connectors/email/oauth_source.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_http.h"

namespace signalbox::email {
namespace {

using namespace std::chrono_literals;

struct KeptToken : TokenStore {
    Result<Secret> load() override { return token; }
    Status save(const Secret& fresh) override {
        token = fresh;
        ++saves;
        return Done{};
    }
    Secret token;
    int saves = 0;
};

AccountConfig account() {
    AccountConfig config;
    config.address = config.username = "ada@example.org";
    config.oauth.provider = "google";
    config.oauth.client_id = "client-1";
    config.oauth.client_secret = Secret("client-secret");
    config.oauth.authorize_url = "https://accounts.example.test/auth";
    config.oauth.token_url = "https://accounts.example.test/token";
    config.oauth.scope = "https://mail.google.com/";
    return config;
}

struct Fixture {
    explicit Fixture(std::initializer_list<Result<HttpResponse>> answers) : http(answers) {
        source.keepTokensIn(kept);
    }
    AccountConfig config = account();
    ScriptedHttp http;
    FakeClock clock;
    std::shared_ptr<KeptToken> kept = std::make_shared<KeptToken>();
    KeptToken& store = *kept;
    OAuthSource source{"sales", config, http, clock};
};

HttpResponse tokens(const std::string& access, const std::string& refresh = "") {
    Json body = {{"access_token", access}, {"expires_in", 3600}, {"token_type", "Bearer"}};
    if (!refresh.empty()) body["refresh_token"] = refresh;
    return reply(200, dumpJson(body));
}

BOOST_AUTO_TEST_CASE(an_access_token_serves_until_it_ends_and_many_who_ask_cause_one_refresh) {
    Fixture fixture{tokens("access-1"), tokens("access-2")};
    fixture.store.token = Secret("refresh-1");
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { (void)fixture.source.credentials({}); });
    for (auto& thread : threads) thread.join();

    BOOST_TEST(fixture.http.requests().size() == 1U);
    fixture.clock.advance(3590s);
    const auto credentials = fixture.source.credentials({});

    BOOST_REQUIRE(credentials.ok());
    BOOST_TEST(credentials->access_token.reveal() == "access-2");
    const auto fields = parseForm(fixture.http.requests()[1].body);
    BOOST_TEST(*findField(fields, "grant_type") == "refresh_token");
    BOOST_TEST(*findField(fields, "refresh_token") == "refresh-1");
}

BOOST_AUTO_TEST_CASE(a_rotated_refresh_token_is_kept) {
    Fixture fixture{tokens("access-1", "refresh-2"), tokens("access-2")};
    fixture.store.token = Secret("refresh-1");

    (void)fixture.source.credentials({});
    fixture.source.refused();  // the mail server did not like the token: a new one is fetched
    (void)fixture.source.credentials({});

    BOOST_TEST(fixture.store.token.reveal() == "refresh-2");
    BOOST_TEST(*findField(parseForm(fixture.http.requests()[1].body), "refresh_token") == "refresh-2");
}

BOOST_AUTO_TEST_CASE(a_revoked_consent_needs_a_person_and_an_outage_does_not) {
    Fixture fixture{
        reply(400, R"({"error":"invalid_grant","error_description":"Token has been expired or revoked."})"),
        reply(503, "down"), Error{ErrorKind::Uncertain, "no answer", {}, ""}};
    fixture.store.token = Secret("refresh-1");

    const std::vector<std::string> kinds = {toString(fixture.source.credentials({}).error().kind),
                                            toString(fixture.source.credentials({}).error().kind),
                                            toString(fixture.source.credentials({}).error().kind)};

    BOOST_TEST((kinds == std::vector<std::string>{"unauthorized", "unavailable", "unavailable"}));
}

BOOST_AUTO_TEST_CASE(consent_gives_a_refresh_token_or_is_refused) {
    Fixture fixture{tokens("access-1"), tokens("access-2", "refresh-1")};
    const std::string url =
        fixture.source.authorizeUrl({"https://gw.example.test/cb", "state-1", "challenge-1"});

    const auto without = fixture.source.accept("code-1", "verifier-1", "https://gw.example.test/cb", {});
    const auto with = fixture.source.accept("code-2", "verifier-1", "https://gw.example.test/cb", {});

    const auto asked = parseForm(url.substr(url.find('?') + 1));
    BOOST_TEST(*findField(asked, "code_challenge_method") == "S256");
    BOOST_TEST(*findField(asked, "state") == "state-1");
    BOOST_REQUIRE(!without.ok());
    BOOST_TEST(without.error().code == "refresh_token_missing");
    BOOST_TEST(with.ok());
    BOOST_TEST(fixture.store.token.reveal() == "refresh-1");
    BOOST_TEST(*findField(parseForm(fixture.http.requests()[1].body), "code_verifier") == "verifier-1");
    BOOST_TEST(fixture.source.credentials({})->access_token.reveal() == "access-2");
}

}  // namespace
}  // namespace signalbox::email
