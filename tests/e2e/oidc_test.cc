// Signing in at an OpenID provider, over the daemon's own routes.
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_oidc.h"
#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

std::string settings(const testing::FakeOidc& provider) {
    return "  []\noidc:\n  issuer: " + provider.issuer() + "\n  client_id: " + testing::FakeOidc::kClient +
           "\n  client_secret: " + testing::FakeOidc::kSecret +
           "\n  redirect_url: https://box.example/api/v1/oidc/callback\n";
}

struct Begun {
    std::string url, state, cookie;
};

struct SigningIn {
    explicit SigningIn(const std::string& algorithm) : provider(algorithm), gateway(settings(provider)) {
        makeUser(gateway, "default", "ada@x.example", "agent");
        gateway.start();
    }
    Begun begin() {
        HttpCall http(gateway.port());
        const auto answer = http.get("/api/v1/oidc/start");
        BOOST_REQUIRE_EQUAL(answer.status, 302);
        const std::string url(answer.headers.get("location")), cookie(answer.headers.get("set-cookie"));
        BOOST_TEST(url.starts_with(provider.issuer() + "/authorize?"));
        BOOST_TEST(cookie.find("; Secure; HttpOnly; SameSite=Lax") != std::string::npos);
        const FormFields asked = parseForm(url.substr(url.find('?') + 1));
        BOOST_TEST(findField(asked, "code_challenge_method").value_or("") == "S256");
        return {url, std::string(findField(asked, "state").value_or("")), cookie.substr(0, cookie.find(';'))};
    }
    HttpResponse comeBack(const std::string& state, const std::string& code, const std::string& cookie) {
        HttpCall http(gateway.port());
        return *http.send(
            {"GET",
             "/api/v1/oidc/callback?state=" + percentEncode(state) + "&code=" + percentEncode(code),
             {{"cookie", cookie}},
             "",
             "",
             nullptr});
    }
    // The whole way of somebody; the status and, for a refusal, its code.
    std::string signIn(const std::string& email, const Json& changed = Json::object()) {
        const Begun begun = begin();
        const auto answer = comeBack(begun.state, provider.logIn(begun.url, email, changed), begun.cookie);
        const auto json = parseJson(answer.body);
        last = json ? *json : Json();
        return std::to_string(answer.status) + ' ' + textAt(last, "code");
    }

    testing::FakeOidc provider;
    Gateway gateway;
    Json last;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_user_of_the_organization_signs_in_with_either_kind_of_signature) {
    for (const char* algorithm : {"ES256", "RS256"}) {
        SigningIn house(algorithm);

        BOOST_TEST(house.signIn("ada@x.example") == "201 ", algorithm);

        HttpCall ada(house.gateway.port(), textAt(house.last, "token"));
        BOOST_TEST(ada.get("/api/v1/conversations").status == 200);
        // The subject is hers from now on, whatever her address becomes there.
        BOOST_TEST(house.signIn("ada@x.example", {{"email", "new@x.example"}}) == "201 ");
    }
}

BOOST_AUTO_TEST_CASE(nobody_else_comes_in_by_this_door) {
    SigningIn house("ES256");

    BOOST_TEST(house.signIn("stranger@x.example") == "403 oidc_refused");
    BOOST_TEST(house.signIn("ada@x.example", {{"email_verified", false}}) == "403 oidc_refused");
    BOOST_TEST(house.signIn("ada@x.example", {{"aud", "another-client"}}) == "401 oidc_refused");
    BOOST_TEST(house.signIn("ada@x.example", {{"iss", "https://evil.example"}}) == "401 oidc_refused");
    BOOST_TEST(house.signIn("ada@x.example", {{"exp", 1'700'000'000}}) == "401 oidc_refused");
    BOOST_TEST(house.signIn("ada@x.example", {{"nonce", "of another sign-in"}}) == "401 oidc_refused");
}

BOOST_AUTO_TEST_CASE(an_answer_belongs_to_the_browser_that_began_and_is_good_once) {
    SigningIn house("ES256");
    const Begun mine = house.begin(), theirs = house.begin();
    const std::string code = house.provider.logIn(mine.url, "ada@x.example");

    BOOST_TEST(house.comeBack(mine.state, code, theirs.cookie).status == 401);
    BOOST_TEST(house.comeBack(mine.state, code, "").status == 401);
    BOOST_TEST(house.comeBack(theirs.state, code, theirs.cookie).status == 401);  // another PKCE challenge
    BOOST_TEST(house.comeBack(mine.state, code, mine.cookie).status == 201);
    BOOST_TEST(house.comeBack(mine.state, code, mine.cookie).status == 401);
}

}  // namespace signalbox
