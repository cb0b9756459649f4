// Nobody gives away more than he has, and a token has what its role and its scopes both allow: from outside,
// on the real daemon.
#include <boost/test/unit_test.hpp>

#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

// An organization with an admin and an agent, and tokens of the role admin with few scopes.
struct Rights : Gateway {
    Rights() : Gateway("  []\n") {
        admin = makeUser(*this, "default", "ada@x.example", "admin");
        agent = makeUser(*this, "default", "ben@x.example", "agent");
        start();
    }
    HttpResponse as(const std::string& caller, const std::string& method, const std::string& target,
                    const Json& body) {
        HttpCall http(port(), caller);
        auto answer = http.send({method,
                                 "/api/v1" + target,
                                 {{"content-type", "application/json"}},
                                 dumpJson(body),
                                 "",
                                 nullptr});
        if (!answer) throw std::runtime_error(method + ' ' + target + ": no answer");
        return *answer;
    }
    std::string scoped(const Json& scopes, const std::string& role = "admin") {
        const auto made =
            as(token(), "POST", "/tokens", {{"name", "narrow"}, {"role", role}, {"scopes", scopes}});
        BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
        return parseJson(made.body)->at("token");
    }
    std::string roleOf(const std::string& user) {
        return parseJson(as(token(), "GET", "/users/" + user, Json()).body)->at("role");
    }

    std::string admin, agent;
};

std::string said(const HttpResponse& answer) {
    const auto json = parseJson(answer.body);
    return std::to_string(answer.status) + ' ' + (json ? textAt(*json, "code") : "");
}

const std::string kRefused = "403 right_missing";

}  // namespace

BOOST_AUTO_TEST_CASE(a_token_for_users_makes_nobody_who_may_do_more_than_itself) {
    Rights house;
    const std::string narrow = house.scoped({"users:manage", "users:read"});
    const Json eve = {{"email", "eve@x.example"}, {"role", "admin"}, {"password", kPassword}};

    BOOST_TEST(said(house.as(narrow, "POST", "/users", eve)) == kRefused);
    const Json guest = {{"email", "eve@x.example"}, {"role", "admin"}};
    BOOST_TEST(said(house.as(narrow, "POST", "/invitations", guest)) == kRefused);
    BOOST_TEST(said(house.as(narrow, "POST", "/users/" + house.admin + "/password-reset", Json::object())) ==
               kRefused);
    BOOST_TEST(said(house.as(narrow, "PATCH", "/users/" + house.admin, {{"role", "viewer"}})) == kRefused);
    BOOST_TEST(said(house.as(narrow, "PATCH", "/users/" + house.agent, {{"role", "admin"}})) == kRefused);
    BOOST_TEST(said(house.as(narrow, "DELETE", "/users/" + house.admin + "/sessions", Json::object())) ==
               kRefused);

    BOOST_TEST(house.roleOf(house.admin) == "admin");
    BOOST_TEST(trySignIn(house, "default", "eve@x.example").status == 401);
    // Without scopes the same role may, and so may a role of just these rights with the token's scopes.
    BOOST_TEST(house.as(house.token(), "POST", "/users", eve).status == 201);
    const Json clerk = {{"sees", "everything"}, {"rights", {"users:read"}}};
    BOOST_REQUIRE_EQUAL(house.as(house.token(), "PUT", "/roles/clerk", clerk).status, 200);
    const Json cay = {{"email", "cay@x.example"}, {"role", "clerk"}, {"password", kPassword}};
    BOOST_TEST(house.as(narrow, "POST", "/users", cay).status == 201);
}

BOOST_AUTO_TEST_CASE(a_token_for_roles_makes_no_role_beyond_its_scopes) {
    Rights house;
    const std::string narrow = house.scoped({"roles:manage", "people:read"});
    const Json few = {{"sees", "everything"}, {"rights", {"people:read"}}};
    const Json many = {{"sees", "everything"}, {"rights", {"people:read", "messages:read"}}};
    BOOST_REQUIRE_EQUAL(house.as(house.token(), "PUT", "/roles/desk", many).status, 200);

    BOOST_TEST(said(house.as(narrow, "PUT", "/roles/evil", {{"sees", "everything"}, {"rights", {"*"}}})) ==
               kRefused);
    BOOST_TEST(said(house.as(narrow, "PUT", "/roles/evil", many)) == kRefused);
    BOOST_TEST(house.as(narrow, "PUT", "/roles/reader", few).status == 200);
    // Neither does it take from those who have more.
    BOOST_TEST(said(house.as(narrow, "PUT", "/roles/desk", few)) == kRefused);
    BOOST_TEST(said(house.as(narrow, "DELETE", "/roles/desk", Json::object())) == kRefused);
}

BOOST_AUTO_TEST_CASE(a_token_with_scopes_makes_tokens_within_them) {
    Rights house;
    const std::string narrow = house.scoped({"tokens:manage", "people:read"});
    const auto make = [&](const Json& scopes) {
        return house.as(narrow, "POST", "/tokens", {{"name", "next"}, {"role", "admin"}, {"scopes", scopes}});
    };

    BOOST_TEST(said(make(Json::array())) == kRefused);
    BOOST_TEST(said(make({"users:manage"})) == kRefused);
    BOOST_TEST(said(make({"people:read", "right:of_tomorrow"})) == kRefused);
    BOOST_TEST(make({"people:read"}).status == 201);
}

BOOST_AUTO_TEST_CASE(who_reads_no_internal_notes_makes_no_role_that_does) {
    Rights house;
    const Json keeper = {{"sees", "everything"}, {"rights", {"roles:manage", "messages:read"}}};
    BOOST_REQUIRE_EQUAL(house.as(house.token(), "PUT", "/roles/keeper", keeper).status, 200);
    const std::string narrow = house.scoped(Json::array(), "keeper");

    for (const char* right : {"notes:read", "feed:read"}) {
        const Json role = {{"sees", "everything"}, {"rights", {"messages:read", right}}};
        const auto refused = house.as(narrow, "PUT", "/roles/notes", role);
        BOOST_TEST(said(refused) == kRefused, right << refused.body);
        BOOST_TEST(house.as(house.token(), "PUT", "/roles/notes", role).status == 200, right);
        BOOST_REQUIRE_EQUAL(house.as(house.token(), "DELETE", "/roles/notes", Json::object()).status, 204);
    }
}

}  // namespace signalbox
