// A day of an agent's work, written from the description of the API alone (GET /docs): from signing in to
// signing out, with everything in between that a team inbox is for.
#include <boost/test/unit_test.hpp>

#include "tests/support/feed_client.h"
#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

const std::string kAccounts = "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret +
                              ", verify_token: " + kVerifyToken +
                              ", phone_number_id: '1001', access_token: t, base_url: 'http://127.0.0.1:9'}\n";

// Calls that must go well; the answer's body.
struct Agent {
    Agent(const Gateway& gateway, std::string token) : http(gateway.port(), std::move(token)) {}

    Json get(const std::string& path) { return http.json("/api/v1" + path); }
    Json post(const std::string& path, const Json& body, int status = 200, Headers headers = {}) {
        return read(http.post("/api/v1" + path, body, std::move(headers)), path, status);
    }
    Json put(const std::string& path, const Json& body, const std::string& if_match = "", int status = 200) {
        HttpRequest request{
            "PUT", "/api/v1" + path, {{"content-type", "application/json"}}, dumpJson(body), ""};
        if (!if_match.empty()) request.headers.add("if-match", if_match);
        return read(http.send(request).value(), path, status);
    }
    static Json read(const HttpResponse& answer, const std::string& path, int status) {
        BOOST_TEST(answer.status == status, path << " → " << answer.status << ' ' << answer.body);
        const auto json = parseJson(answer.body);
        return json ? *json : Json();
    }

    HttpCall http;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_day_of_an_agents_work) {
    Gateway gateway(kAccounts);
    const std::string ada_id = makeUser(gateway, "default", "ada@x.example", "agent");
    const std::string bob_id = makeUser(gateway, "default", "bob@x.example", "agent");
    gateway.start();
    Agent admin(gateway, gateway.token());
    const Json team = admin.post("/teams", {{"name", "Roofs"}, {"user_ids", {ada_id, bob_id}}}, 201);
    for (const auto& [from, text] : {std::pair{"4917011111111", "My roof leaks, please help"},
                                     {"4917022222222", "What does a new roof cost?"},
                                     {"4917033333333", "It is still leaking!"}})
        BOOST_REQUIRE_EQUAL(
            admin.http.send(whatsappText("wa", from, std::string("wamid.") + from, text))->status, 200);

    // She signs in and watches.
    const std::string token = signIn(gateway, "default", "ada@x.example");
    Agent ada(gateway, token);
    BOOST_TEST(ada.get("/me")["user"]["email"] == "ada@x.example");
    FeedClient screen(gateway.port(), {{"token", token}});
    BOOST_TEST(screen.next()->at("type") == "hello");
    screen.say({{"type", "presence"}, {"state", "online"}});

    BOOST_TEST(ada.get("/conversations/counts")["unassigned"] == 3);

    // What is new, and what is urgent of it.
    const Json fresh = ada.get("/conversations?unread=true&assignee=none&fields=id,person_name,unread_count");
    BOOST_REQUIRE_EQUAL(fresh["items"].size(), 3U);
    BOOST_TEST(fresh["items"][0]["unread_count"] == 1);
    BOOST_TEST(!fresh["items"][0].contains("status"));
    const std::string leak = fresh["items"][2]["id"], price = fresh["items"][1]["id"],
                      again = fresh["items"][0]["id"];
    BOOST_TEST(ada.post("/conversations/" + leak + "/assign", {{"user_id", "me"}})["assignee_id"] == ada_id);
    ada.post("/conversations/" + leak + "/priority", {{"priority", "urgent"}});
    ada.post("/conversations/" + leak + "/tags", {{"add", {"leak"}}});
    BOOST_TEST(ada.post("/conversations/" + leak + "/read", Json::object())["unread_count"] == 0);
    screen.nextOf("conversation.assigned");

    // Two conversations are about one roof; both belong to a project.
    ada.post("/objects/project/roof-17/links", {{"subject_id", leak}});
    const Json merged = ada.post("/conversations/" + leak + "/merge", {{"with", again}});
    BOOST_TEST(ada.get("/conversations/" + leak + "/messages")["items"].size() == 2U);
    BOOST_TEST(ada.get("/objects/project/roof-17/timeline")["items"].size() == 2U);
    ada.post("/conversations/" + leak + "/unmerge", {{"merge_id", merged["merge_id"]}});
    BOOST_TEST(ada.get("/conversations/" + again + "/messages")["items"].size() == 1U);
    ada.post("/conversations/" + leak + "/merge", {{"with", again}});

    // A prepared answer, looked at before it is sent; sent twice by a weak line it is one message.
    const Json prepared =
        ada.post("/templates",
                 {{"name", "coming"}, {"text", "Dear {{person.first_name}}, we come at {{hour}}."}}, 201);
    const std::string preview = "/templates/" + prepared["id"].get<std::string>() + "/preview";
    BOOST_TEST(ada.post(preview, {{"conversation_id", leak}})["missing"][0] == "hour");
    BOOST_TEST(ada.post(preview, {{"conversation_id", leak}, {"variables", {{"hour", "nine"}}}})["text"] ==
               "Dear Test, we come at nine.");
    ada.post("/conversations/" + leak + "/messages", {{"template_id", prepared["id"]}}, 422);
    const Json answer = {{"template_id", prepared["id"]}, {"variables", {{"hour", "nine"}}}};
    const Json sent =
        ada.post("/conversations/" + leak + "/messages", answer, 202, {{"idempotency-key", "k1"}});
    const Json twice =
        ada.post("/conversations/" + leak + "/messages", answer, 202, {{"idempotency-key", "k1"}});
    BOOST_TEST(sent["id"] == twice["id"]);
    BOOST_TEST(sent["text"] == "Dear Test, we come at nine.");

    // Behind the scenes: a note that names Bob, a ticket, a draft, a word for later.
    const Json note =
        ada.post("/conversations/" + leak + "/notes", {{"text", "@bob bring the long ladder #ladder"}}, 201);
    BOOST_TEST(note["direction"] == "internal");
    ada.post("/conversations/" + leak + "/notes",
             {{"text", "broken"}, {"type", "incident_report"}, {"content", {{"severity", "very bad"}}}}, 422);
    ada.post("/tickets", {{"title", "Leak at roof 17"}, {"conversation_id", leak}}, 201);
    ada.put("/conversations/" + price + "/draft", {{"text", "A new roof costs"}});
    BOOST_TEST(ada.get("/drafts")["items"].size() == 1U);
    ada.post("/conversations/" + price + "/snooze", {{"seconds", 3600}});
    BOOST_TEST(ada.get("/conversations/" + price)["status"] == "snoozed");

    // Bob is told, and takes over what is for the team; he may not overwrite what he has not seen.
    Agent bob(gateway, signIn(gateway, "default", "bob@x.example"));
    BOOST_REQUIRE_EQUAL(bob.get("/messages?mentions=me")["items"].size(), 1U);
    BOOST_TEST(bob.get("/messages?mentions=me")["items"][0]["id"] == note["id"]);
    bob.post("/conversations/" + leak + "/assign", {{"team_id", team["id"]}, {"strategy", "round_robin"}});
    bob.put("/conversations/" + leak, {{"subject", "Roof 17"}}, "\"1\"", 412);
    const auto seen = bob.http.get("/api/v1/conversations/" + leak);
    bob.put("/conversations/" + leak, {{"subject", "Roof 17"}}, std::string(seen.headers.get("etag")));

    // What was said is found again, with what was found marked.
    BOOST_REQUIRE(gateway.eventually(
        [&] { return ada.get("/search?q=leaking&tag=leak&sort=best")["items"].size() == 1; }));
    const Json found = ada.get("/search?q=leak*&type=message&priority=urgent")["items"];
    BOOST_TEST(found.size() == 2U);
    bool is_marked = false;
    for (const Json& piece : found[0]["highlight"]) is_marked |= piece["match"].get<bool>();
    BOOST_TEST(is_marked);

    // A room among users; many at once; the end.
    const Json room =
        ada.post("/conversations", {{"kind", "group"}, {"subject", "Roofers"}, {"user_ids", {bob_id}}}, 201);
    ada.post("/conversations/" + room["id"].get<std::string>() + "/messages", {{"text", "lunch?"}}, 201);
    const Json bulk =
        ada.post("/conversations/bulk", {{"ids", {leak, price}}, {"status", "resolved"}, {"read", true}});
    BOOST_TEST(bulk["changed"] == 2);
    for (const char* format : {"json", "pdf", "mbox"}) {
        const auto whole = ada.http.get("/api/v1/conversations/" + leak + "/export?format=" + format);
        BOOST_TEST(whole.status == 200, format);
        BOOST_TEST(whole.body.size() > 100U, format);
    }
    BOOST_TEST(ada.get("/conversations?status=resolved")["items"].size() == 2U);
    BOOST_TEST(ada.http.send({"DELETE", "/api/v1/sessions/current", {}, "", ""})->status == 204);
    BOOST_TEST(ada.http.get("/api/v1/me").status == 401);
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace signalbox
