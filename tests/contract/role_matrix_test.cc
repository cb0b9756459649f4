// Every operation of the description with every role, and with another organization: from outside, on the
// real daemon. The list of operations is openapi.yaml's, so a new route is in it at once.
#include <yaml-cpp/yaml.h>

#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "hub/access/roles.h"
#include "tests/build_places.h"
#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

const std::string kAccounts = "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret +
                              ", verify_token: " + kVerifyToken +
                              ", phone_number_id: '1001', access_token: t, base_url: 'http://127.0.0.1:9'}\n";

struct Operation {
    std::string method, path, right;
};

std::vector<Operation> operations() {
    std::vector<Operation> all;
    const YAML::Node document = YAML::LoadFile(std::string(SIGNALBOX_SOURCE_DIR) + "/schemas/openapi.yaml");
    for (const auto& path : document["paths"]) {
        for (const auto& operation : path.second) {
            std::string method = operation.first.as<std::string>();
            const std::string name = path.first.as<std::string>();
            if (method == "parameters" || !name.starts_with("/api/")) continue;
            for (char& c : method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            all.push_back({method, name, operation.second["x-right"].as<std::string>()});
        }
    }
    return all;
}

// Live streams are answered otherwise; the others end what the walk needs.
bool isWalked(const Operation& operation) {
    static const std::set<std::string> kLeftOut = {"/api/v1/feed", "/api/v1/sessions/current"};
    return !kLeftOut.contains(operation.path) && operation.right != "provider";
}

std::string withCaptures(const std::string& path, const std::string& value) {
    std::string out;
    for (std::size_t at = 0; at < path.size();) {
        if (path[at] != '{') {
            out += path[at++];
            continue;
        }
        out += value;
        at = path.find('}', at) + 1;
    }
    return out;
}

HttpResponse send(const Gateway& gateway, const std::string& token, const Operation& operation,
                  const std::string& target) {
    HttpCall http(gateway.port(), token);
    HttpRequest request;
    request.method = operation.method;
    request.target = target;
    if (operation.method != "GET" && operation.method != "DELETE") {
        request.headers.add("content-type", "application/json");
        request.body = "{}";
    }
    auto response = http.send(request);
    if (!response) throw std::runtime_error(operation.method + ' ' + target + ": no answer");
    return *response;
}

std::string codeOf(const HttpResponse& response) {
    const auto json = parseJson(response.body);
    return json ? textAt(*json, "code") : "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_role_may_call_what_its_rights_say_and_nothing_else) {
    Gateway gateway(kAccounts);
    for (const RoleRef& role : builtInRoles())
        makeUser(gateway, "default", role->name + "@x.example", role->name);
    gateway.start();

    for (const RoleRef& role : builtInRoles()) {
        const std::string token = signIn(gateway, "default", role->name + "@x.example");
        for (const Operation& operation : operations()) {
            if (!isWalked(operation)) continue;
            const std::string where = role->name + ": " + operation.method + ' ' + operation.path;
            const auto answer = send(gateway, token, operation, withCaptures(operation.path, "none"));
            const bool is_refused = codeOf(answer) == "right_missing";
            BOOST_TEST(answer.status < 500, where << " → " << answer.status << ' ' << answer.body);
            if (operation.right == "public") {
                BOOST_TEST(!is_refused, where);
            } else if (!role->allows(operation.right)) {
                BOOST_TEST(answer.status == 403, where << " → " << answer.status << ' ' << answer.body);
            } else if (role->sees == Sees::Everything) {
                BOOST_TEST(!is_refused, where << " → " << answer.body);
            }
            BOOST_TEST(codeOf(answer) != "token_invalid", where);
        }
    }
}

BOOST_AUTO_TEST_CASE(nobody_gets_in_without_a_token_or_with_a_wrong_revoked_or_disabled_one) {
    Gateway gateway(kAccounts);
    const std::string user = makeUser(gateway, "default", "gone@x.example", "admin");
    gateway.start();
    const std::string revoked = signIn(gateway, "default", "gone@x.example");
    HttpCall(gateway.port(), revoked).send({"DELETE", "/api/v1/sessions/current", {}, "", ""});
    const std::string disabled = signIn(gateway, "default", "gone@x.example");
    HttpCall admin(gateway.port(), gateway.token());
    const Json other = {{"email", "stays@x.example"}, {"role", "admin"}, {"password", kPassword}};
    BOOST_REQUIRE_EQUAL(admin.post("/api/v1/users", other).status, 201);
    const auto patched = admin.send({"PATCH",
                                     "/api/v1/users/" + user,
                                     {{"content-type", "application/json"}},
                                     R"({"state":"disabled"})",
                                     ""});
    BOOST_REQUIRE_EQUAL(patched->status, 200);

    for (const Operation& operation : operations()) {
        if (!isWalked(operation) || operation.right == "public") continue;
        for (const std::string& token : {std::string(), std::string("sbt_nonsense"), revoked, disabled}) {
            const auto answer = send(gateway, token, operation, withCaptures(operation.path, "none"));
            BOOST_TEST(answer.status == 401,
                       operation.method << ' ' << operation.path << " → " << answer.status);
        }
    }
    BOOST_TEST(trySignIn(gateway, "default", "gone@x.example").status == 401);
}

BOOST_AUTO_TEST_CASE(a_thing_of_another_organization_answers_as_one_that_is_not_there) {
    Gateway gateway(kAccounts);
    makeOrg(gateway, "Other");
    makeUser(gateway, "Other", "spy@x.example", "admin");
    const std::string user = makeUser(gateway, "default", "ada@x.example", "agent");
    gateway.start();
    const std::string spy = signIn(gateway, "Other", "spy@x.example");
    signIn(gateway, "default", "ada@x.example");
    HttpCall http(gateway.port(), gateway.token());
    BOOST_REQUIRE_EQUAL(http.send(whatsappText("wa", "4917012345678", "wamid.1", "our secret"))->status, 200);
    BOOST_REQUIRE(gateway.eventually([&] { return !http.json("/api/v1/messages")["items"].empty(); }));
    const Json message = http.json("/api/v1/messages")["items"][0];
    const Json token = http.json("/api/v1/tokens")["items"][0];
    const Json invited =
        *parseJson(http.post("/api/v1/invitations", {{"email", "new@x.example"}, {"role", "agent"}}).body);
    const std::map<std::string, std::string> real = {{"messages", message["id"]},
                                                     {"conversations", message["conversation_id"]},
                                                     {"people", message["person_id"]},
                                                     {"tokens", token["id"]},
                                                     {"users", user},
                                                     {"invitations", invited["id"]},
                                                     {"accounts", "wa"}};
    const std::map<std::string, std::string> missing = {{"messages", "msg_0000000000001"},
                                                        {"conversations", "cnv_0000000000001"},
                                                        {"people", "per_0000000000001"},
                                                        {"tokens", "tok_0000000000001"},
                                                        {"users", "usr_0000000000001"},
                                                        {"invitations", "inv_0000000000001"},
                                                        {"accounts", "wb"}};
    std::size_t compared = 0;

    for (const Operation& operation : operations()) {
        if (!isWalked(operation)) continue;
        const auto start = std::string("/api/v1/").size();
        const std::string area = operation.path.substr(start, operation.path.find('/', start) - start);
        if (operation.path.find('{') == std::string::npos || !real.contains(area)) continue;
        const auto theirs = send(gateway, spy, operation, withCaptures(operation.path, real.at(area)));
        const auto none = send(gateway, spy, operation, withCaptures(operation.path, missing.at(area)));
        const std::string where = operation.method + ' ' + operation.path + " → " + theirs.body;
        BOOST_TEST(theirs.status == none.status, where);
        BOOST_TEST(theirs.body == none.body, where << " but " << none.body);
        BOOST_TEST(theirs.status >= 400, where);
        ++compared;
    }
    BOOST_TEST(compared >= 8U);

    HttpCall other(gateway.port(), spy);
    for (const char* list : {"/api/v1/messages", "/api/v1/conversations", "/api/v1/people", "/api/v1/tokens",
                             "/api/v1/accounts", "/api/v1/events", "/api/v1/workflows", "/api/v1/runs",
                             "/api/v1/quarantine", "/api/v1/dead-letters", "/api/v1/invitations"}) {
        BOOST_TEST(other.json(list)["items"].empty(), list);
    }
    BOOST_TEST(other.json("/api/v1/users")["items"].size() == 1U);
}

BOOST_AUTO_TEST_CASE(
    a_customer_sees_the_conversations_of_the_person_he_is_and_a_crew_member_what_was_granted) {
    Gateway gateway(kAccounts);
    const std::string customer = makeUser(gateway, "default", "customer@x.example", "customer");
    const std::string crew = makeUser(gateway, "default", "crew@x.example", "crew");
    gateway.start();
    HttpCall http(gateway.port(), gateway.token());
    for (const char* from : {"4917011111111", "4917022222222"})
        BOOST_REQUIRE_EQUAL(http.send(whatsappText("wa", from, std::string("wamid.") + from, from))->status,
                            200);
    BOOST_REQUIRE(gateway.eventually([&] { return http.json("/api/v1/messages")["items"].size() == 2; }));
    const Json mine = http.json("/api/v1/messages")["items"][0],
               other = http.json("/api/v1/messages")["items"][1];
    const std::string body = dumpJson(Json{{"person_id", mine["person_id"]}});
    BOOST_REQUIRE_EQUAL(
        http.send({"PATCH", "/api/v1/users/" + customer, {{"content-type", "application/json"}}, body, ""})
            ->status,
        200);
    HttpCall as_customer(gateway.port(), signIn(gateway, "default", "customer@x.example"));
    HttpCall as_crew(gateway.port(), signIn(gateway, "default", "crew@x.example"));

    const Json seen = as_customer.json("/api/v1/messages")["items"];

    BOOST_REQUIRE_EQUAL(seen.size(), 1U);
    BOOST_TEST(seen[0]["id"] == mine["id"]);
    BOOST_TEST(as_customer.json("/api/v1/conversations")["items"].size() == 1U);
    BOOST_TEST(as_customer.get("/api/v1/messages/" + other["id"].get<std::string>()).status == 404);
    BOOST_TEST(
        as_customer.get("/api/v1/conversations/" + other["conversation_id"].get<std::string>()).status ==
        404);
    BOOST_TEST(as_customer.get("/api/v1/people").status == 403);

    BOOST_TEST(as_crew.json("/api/v1/messages")["items"].empty());
    const Json grant = {{"subject", crew}, {"object", other["conversation_id"]}};
    BOOST_REQUIRE_EQUAL(http.post("/api/v1/grants", grant).status, 201);
    BOOST_REQUIRE_EQUAL(as_crew.json("/api/v1/messages")["items"].size(), 1U);
    BOOST_TEST(as_crew.json("/api/v1/messages")["items"][0]["id"] == other["id"]);
    const Json send_elsewhere = {{"conversation_id", mine["conversation_id"]}, {"text", "hello"}};
    BOOST_TEST(as_crew.post("/api/v1/messages", send_elsewhere).status == 404);
}

BOOST_AUTO_TEST_CASE(the_audit_log_says_who_read_and_changed_what_and_shows_a_changed_row) {
    Gateway gateway(kAccounts);
    const std::string user = makeUser(gateway, "default", "ada@x.example", "agent");
    gateway.start();
    HttpCall http(gateway.port(), gateway.token());
    BOOST_REQUIRE_EQUAL(http.send(whatsappText("wa", "4917012345678", "wamid.1", "hello"))->status, 200);
    BOOST_REQUIRE(gateway.eventually([&] { return !http.json("/api/v1/messages")["items"].empty(); }));
    const std::string message = http.json("/api/v1/messages")["items"][0]["id"];
    HttpCall ada(gateway.port(), signIn(gateway, "default", "ada@x.example"));
    ada.json("/api/v1/messages/" + message);
    BOOST_TEST(ada.get("/api/v1/audit").status == 403);

    const Json rows = http.json("/api/v1/audit?user_id=" + user + "&object=" + message)["items"];

    BOOST_REQUIRE_EQUAL(rows.size(), 1U);
    BOOST_TEST(rows[0]["action"] == "GET /api/v1/messages/{id}");
    BOOST_TEST(rows[0]["objects"][0] == message);
    BOOST_TEST(http.json("/api/v1/audit?action=sessions")["items"][0]["user_id"] == user);
    BOOST_TEST(http.json("/api/v1/audit/verify")["ok"] == true);
}

}  // namespace signalbox
