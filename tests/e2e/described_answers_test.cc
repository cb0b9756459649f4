// Every call of a long day, and each answer held against the description: status, type and members. What a
// stranger would trip over (a member that nobody described, a status that is not listed) fails here.
#include <boost/test/unit_test.hpp>

#include "base/crypto.h"
#include "tests/support/described_api.h"
#include "tests/support/fake_whatsapp.h"
#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

std::string accounts(const FakeWhatsapp& provider) {
    return "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret +
           ", verify_token: " + kVerifyToken +
           ", phone_number_id: '1001', access_token: fake-access-token, base_url: '" + provider.baseUrl() +
           "'}\n";
}

// A picture of one pixel.
const std::string kPicture = fromBase64(
                                 "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60"
                                 "e6kgAAAABJRU5ErkJggg==")
                                 .value();

struct Stranger {
    Stranger(const Gateway& gateway, const std::string& token) : http(gateway.port(), token) {}

    HttpResponse raw(const std::string& method, const std::string& path, std::string body = "",
                     Headers headers = {}) {
        auto answer = http.send({method, path, std::move(headers), std::move(body), "", nullptr});
        if (!answer) throw std::runtime_error(method + ' ' + path + ": no answer");
        for (const std::string& fault : testing::notAsDescribed(method, path, *answer)) BOOST_ERROR(fault);
        return *answer;
    }
    Json call(const std::string& method, const std::string& path, const Json& body = nullptr,
              int status = 200) {
        Headers headers;
        if (!body.is_null()) headers.add("content-type", "application/json");
        const auto answer = raw(method, path, body.is_null() ? "" : dumpJson(body), headers);
        BOOST_TEST(answer.status == status,
                   method << ' ' << path << " → " << answer.status << ' ' << answer.body);
        const auto json = parseJson(answer.body);
        return json ? *json : Json();
    }
    Json get(const std::string& path) { return call("GET", path); }
    Json post(const std::string& path, const Json& body = Json::object(), int status = 200) {
        return call("POST", path, body, status);
    }
    Json upload(const std::string& path) {
        const std::string form =
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"plan.png\"\r\n\r\n" + kPicture +
            "\r\n--b\r\nContent-Disposition: form-data; name=\"project\"\r\n\r\nroof-17\r\n--b--\r\n";
        const auto answer = raw("POST", path, form, {{"content-type", "multipart/form-data; boundary=b"}});
        BOOST_TEST(answer.status == 201, path << " → " << answer.status << ' ' << answer.body);
        return *parseJson(answer.body);
    }

    HttpCall http;
};

// Two people wrote, an agent is signed in.
struct Day {
    Day() : gateway(accounts(provider)) {
        ada_id = makeUser(gateway, "default", "ada@x.example", "agent");
        bob_id = makeUser(gateway, "default", "bob@x.example", "admin");
        gateway.start();
        for (const auto& [from, text] :
             {std::pair{"4917011111111", "My roof leaks"}, {"4917022222222", "It leaks"}})
            HttpCall(gateway.port()).send(whatsappText("wa", from, std::string("wamid.") + from, text));
        ada.emplace(gateway, signIn(gateway, "default", "ada@x.example"));
        bob.emplace(gateway, signIn(gateway, "default", "bob@x.example"));
        const Json found = ada->get("/api/v1/conversations?unread=true&limit=1");
        second = found["items"][0]["id"];
        first = ada->get("/api/v1/conversations?limit=1&cursor=" + textAt(found, "next"))["items"][0]["id"];
        conversation = "/api/v1/conversations/" + first;
        message = ada->get(conversation + "/messages")["items"][0]["id"];
        person = ada->get(conversation)["person_id"];
    }

    SystemClock clock;
    FakeWhatsapp provider{{.phone_number_id = "1001"}, clock};
    Gateway gateway;
    std::optional<Stranger> ada, bob;
    std::string ada_id, bob_id, first, second, conversation, message, person;
};

}  // namespace

BOOST_AUTO_TEST_CASE(answers_about_conversations_and_messages_are_as_described) {
    Day day;
    Stranger& ada = *day.ada;
    const std::string& at = day.conversation;

    const Json sent = ada.post(at + "/messages", {{"text", "We come"}, {"reply_to", day.message}}, 202);
    const Json note = ada.post(at + "/notes", {{"text", "@bob bring a ladder #roof"}}, 201);
    const std::string mine = "/api/v1/messages/" + textAt(note, "id");
    ada.call("PUT", mine, {{"text", "@bob bring the long ladder"}});
    ada.post(mine + "/reactions", {{"emoji", "👍"}});
    for (const char* flag : {"/star", "/pin"}) ada.post(mine + flag);
    ada.post(mine + "/urgency", {{"urgency", "urgent"}});
    ada.post(mine + "/tags", {{"tag", "ladder"}});
    ada.get(mine);
    ada.post(at + "/read");
    ada.get("/api/v1/messages/" + day.message + "/reads");
    ada.post(at + "/assign", {{"user_id", "me"}, {"note", "mine"}});
    ada.post(at + "/priority", {{"priority", "high"}});
    ada.post(at + "/status", {{"status", "pending"}});
    ada.post(at + "/tags", {{"tags", {"leak"}}});
    for (const char* flag : {"/star", "/pin", "/archive"}) ada.post(at + flag);
    ada.post(at + "/snooze", {{"seconds", 60}});
    ada.post(at + "/members", {{"user_id", day.bob_id}, {"role", "watcher"}});
    BOOST_TEST(ada.get(at + "/members")["items"].size() == 1U);
    ada.call("DELETE", at + "/members", {{"user_id", day.bob_id}});
    ada.post(at + "/members", {{"user_id", day.bob_id}});
    ada.call("DELETE", at + "/members?user_id=" + day.bob_id);
    BOOST_TEST(ada.get(at + "/members")["items"].empty());
    ada.post("/api/v1/conversations/bulk", {{"ids", {day.first, day.second}}, {"status", "open"}});
    for (const char* path : {"/api/v1/conversations", "/api/v1/conversations/counts", "/api/v1/messages",
                             "/api/v1/tags", "/api/v1/channels", "/api/v1/accounts"})
        ada.get(path);
    ada.call("PUT", at + "/draft", {{"text", "It is"}});
    ada.get(at + "/draft");
    ada.get("/api/v1/drafts");
    ada.call("DELETE", at + "/draft", nullptr, 204);
    ada.call("GET", at + "/draft", nullptr, 404);
    const Json later = ada.post(
        "/api/v1/scheduled",
        {{"send_at", "2080-01-01T00:00:00Z"}, {"message", {{"conversation_id", day.first}, {"text", "x"}}}},
        201);
    ada.get("/api/v1/scheduled");
    ada.call("DELETE", "/api/v1/scheduled/" + textAt(later, "id"));
    const Json prepared =
        ada.post("/api/v1/templates", {{"name", "late"}, {"text", "Order {{order}} is late"}}, 201);
    ada.get("/api/v1/templates");
    ada.post(at + "/messages", {{"template_id", prepared["id"]}, {"variables", {{"order", "17"}}}}, 202);
    const Json merged = ada.post(at + "/merge", {{"with", day.second}});
    ada.get(at + "/merges");
    ada.post(at + "/unmerge", {{"merge_id", merged["merge_id"]}});
    ada.get(at + "/export");
    ada.post(at + "/typing");
    const Json room = ada.post("/api/v1/conversations", {{"kind", "group"}, {"user_ids", {day.bob_id}}}, 201);
    ada.post("/api/v1/conversations/" + textAt(room, "id") + "/messages",
             {{"type", "time_log"}, {"content", {{"started_at", "2026-11-21T07:00:00Z"}, {"minutes", 30}}}},
             201);
    ada.get("/api/v1/conversations?kind=group");
}

BOOST_AUTO_TEST_CASE(answers_about_files_people_and_search_are_as_described) {
    Day day;
    Stranger& ada = *day.ada;

    const Json file = ada.upload("/api/v1/files");
    const std::string one = "/api/v1/files/" + textAt(file, "id");
    ada.upload("/api/communications/upload");
    ada.upload(one + "/versions");
    ada.call("PATCH", one, {{"access", "restricted"}, {"tags", {"plan"}}});
    for (const char* below : {"", "/content", "/versions", "/comments"}) ada.raw("GET", one + below);
    ada.raw("GET", one + "/content", "", {{"range", "bytes=0-3"}});
    ada.post(one + "/comments", {{"text", "the north side is missing"}}, 201);
    ada.post(one + "/links", {{"expires_in_s", 60}}, 201);
    ada.get("/api/v1/files?project=roof-17&kind=image");
    ada.get("/api/v1/objects/project/roof-17/files");
    const Json begun = ada.post("/api/v1/uploads", {{"name", "a.txt"}, {"size", 3}}, 201);
    const std::string upload = "/api/v1/uploads/" + textAt(begun, "id");
    ada.raw("PATCH", upload, "a",
            {{"content-type", "application/offset+octet-stream"}, {"upload-offset", "0"}});
    ada.get(upload);
    ada.raw("PATCH", upload, "bc",
            {{"content-type", "application/offset+octet-stream"}, {"upload-offset", "1"}});

    const Json attachments = Json::array({{{"file_id", file["id"]}}});
    const Json sent =
        ada.post(day.conversation + "/messages", {{"text", "the plan"}, {"attachments", attachments}}, 202);
    ada.raw("GET", "/api/v1/messages/" + textAt(sent, "id") + "/attachments/0/content");
    const std::string forward = "/api/v1/messages/" + textAt(sent, "id") + "/forward";
    const Json forwarded = ada.post(forward, {{"conversation_id", day.second}, {"text", "see"}}, 202);
    BOOST_TEST(forwarded["text"] == "see\n\nthe plan");
    BOOST_TEST(forwarded["attachments"][0]["sha256"] == file["sha256"]);
    // Also to colleagues, whom no provider carries it to.
    const Json room = ada.post("/api/v1/conversations", {{"kind", "group"}}, 201);
    const Json shown = ada.post(forward, {{"conversation_id", room["id"]}}, 201);
    BOOST_TEST(shown["forwarded_from"] == sent["id"]);
    const auto bytes = ada.raw("GET", "/api/v1/messages/" + textAt(shown, "id") + "/attachments/0/content");
    BOOST_TEST((bytes.body == kPicture));
    const Json line = ada.post("/api/v1/conversations/" + textAt(room, "id") + "/messages",
                               {{"attachments", attachments}}, 201);
    BOOST_TEST(line["attachments"][0]["filename"] == "plan.png");
    ada.post("/api/v1/conversations/" + textAt(room, "id") + "/messages",
             {{"attachments", Json::array({{{"url", "https://x.example/a.png"}}})}}, 422);
    ada.post("/api/v1/objects/project/roof-17/links", {{"subject_id", day.first}});
    ada.get("/api/v1/objects/project/roof-17/timeline");
    ada.get(day.conversation + "/objects");

    const std::string person = "/api/v1/people/" + day.person;
    ada.get("/api/v1/people");
    ada.get(person);
    ada.get(person + "/stream");
    ada.call("PUT", person, {{"name", "Ada"}, {"custom", {{"city", "Bonn"}}}});
    const Json other = ada.post(
        "/api/v1/people",
        {{"name", "Bo"}, {"identities", Json::array({{{"kind", "email"}, {"value", "bo@x.example"}}})}}, 201);
    const Json merged = ada.post(person + "/merge", {{"with", other["id"]}});
    ada.get("/api/v1/merges");
    ada.post("/api/v1/merges/" + textAt(merged, "merge_id") + "/undo");
    BOOST_TEST(day.gateway.eventually([&] {
        return ada.get("/api/v1/search?q=leaks")["items"].size() == 2 &&
               ada.get("/api/v1/search?q=plan")["items"].size() >= 2;
    }));
    for (const char* query : {"q=leaks&to=2150-01-01", "type=person", "type=file", "q=leaks&sort=best"})
        BOOST_TEST(!ada.get(std::string("/api/v1/search?") + query)["items"].empty(), query);
    for (const char* kind : {"tickets", "tasks", "leads"}) {
        const Json made = ada.post(std::string("/api/v1/") + kind, {{"title", "Leak"}}, 201);
        ada.get(std::string("/api/v1/") + kind + '/' + textAt(made, "id"));
    }
}

BOOST_AUTO_TEST_CASE(answers_of_the_aliases_and_of_the_administration_are_as_described) {
    Day day;
    Stranger &ada = *day.ada, &bob = *day.bob;
    const std::string org = bob.get("/api/v1/me")["organization"]["id"];

    ada.post("/api/communications/send", {{"conversation_id", day.first}, {"text", "Hello"}}, 202);
    ada.post("/api/communications/mark-read", {{"conversation_id", day.first}});
    ada.get("/api/communications/thread/" + day.first);
    ada.get("/api/messages/" + org);
    ada.get("/api/messages/search?q=leaks");
    ada.post("/api/messages/" + day.message + "/tag", {{"tag", "roof"}});
    ada.post("/api/tickets", {{"title", "Leak"}}, 201);
    ada.get("/api/tickets");
    ada.get("/api/communication/messages");
    ada.post("/api/communication/messages", {{"account", "wa"}, {"to", "+4917011111111"}, {"text", "Hello"}},
             202);
    ada.get("/api/communication/conversations");

    const Json team = bob.post("/api/v1/teams", {{"name", "Roofs"}, {"user_ids", {day.ada_id}}}, 201);
    bob.call("PUT", "/api/v1/teams/" + textAt(team, "id"), {{"name", "Roofers"}});
    bob.post("/api/v1/grants", {{"subject", day.ada_id}, {"object", day.first}, {"verb", "read"}}, 201);
    bob.post("/api/v1/invitations", {{"email", "new@x.example"}, {"role", "agent"}}, 201);
    bob.post("/api/v1/tokens", {{"name", "x"}, {"role", "viewer"}}, 201);
    bob.call("PUT", "/api/v1/automatic-answers/away", {{"text", "We are back at nine."}});
    const Json hook = bob.post("/api/v1/webhook-subscriptions",
                               {{"url", "https://shop.example/hooks"}, {"events", {"lead.*"}}}, 201);
    const std::string subscription = "/api/v1/webhook-subscriptions/" + textAt(hook, "id");
    bob.call("PATCH", subscription, {{"description", "The shop"}});
    bob.post(subscription + "/rotate-secret", Json::object());
    bob.post(subscription + "/test", Json::object(), 202);
    bob.get(subscription);
    bob.get(subscription + "/deliveries");
    for (const std::string path : {"webhook-subscriptions",
                                   "users",
                                   "roles",
                                   "invitations",
                                   "audit",
                                   "audit/verify",
                                   "tokens",
                                   "sessions",
                                   "status",
                                   "event-types",
                                   "events",
                                   "notices",
                                   "teams",
                                   "automatic-answers",
                                   "settings/inbox",
                                   "presence",
                                   "quarantine",
                                   "dead-letters",
                                   "calendars",
                                   "credentials"})
        bob.get("/api/v1/" + path);
    bob.get("/api/v1/grants?object=" + day.first);
    bob.call("DELETE", subscription, nullptr, 204);
    ada.call("DELETE", "/api/v1/sessions/current", nullptr, 204);
    ada.call("GET", "/api/v1/me", nullptr, 401);
}

BOOST_AUTO_TEST_CASE(who_edits_what_somebody_else_changed_meanwhile_is_told) {
    Day day;
    Stranger &ada = *day.ada, &bob = *day.bob;
    const Json note = ada.post(day.conversation + "/notes", {{"text", "first"}}, 201);
    const Json file = ada.upload("/api/v1/files");
    const Json team = bob.post("/api/v1/teams", {{"name", "Roofs"}}, 201);

    for (const auto& [who, method, path, body] :
         std::vector<std::tuple<Stranger*, std::string, std::string, std::string>>{
             {&ada, "PUT", "/api/v1/messages/" + textAt(note, "id"), R"({"text":"second"})"},
             {&ada, "PATCH", "/api/v1/files/" + textAt(file, "id"), R"({"project":"roof-18"})"},
             {&bob, "PUT", "/api/v1/teams/" + textAt(team, "id"), R"({"name":"Roofers"})"},
             {&bob, "PUT", "/api/v1/people/" + day.person, R"({"name":"Ada"})"},
             {&ada, "PUT", day.conversation, R"({"subject":"Roof 17"})"}}) {
        const std::string seen(who->raw("GET", path).headers.get("etag"));
        BOOST_TEST(seen.size() > 2U, path);
        const auto edit = [&, who = who, &method = method, &path = path, &body = body](std::string tag) {
            return who->raw(method, path, body,
                            {{"content-type", "application/json"}, {"if-match", std::move(tag)}});
        };
        const auto first = edit(seen), late = edit(seen), anyway = edit("*"), odd = edit("3 apples");
        BOOST_TEST(first.status == 200, path << first.body);
        BOOST_TEST((first.headers.get("etag") != seen), path);
        BOOST_TEST(late.status == 412, path << late.body);
        BOOST_TEST(textAt(*parseJson(late.body), "code") == "changed_meanwhile");
        BOOST_TEST(anyway.status == 200, path << anyway.body);
        BOOST_TEST(odd.status == 422, path);
    }
}

}  // namespace signalbox
