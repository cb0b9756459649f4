// A call that is sent again with its Idempotency-Key is done once and answered alike: also where the answer
// holds a secret, and on the paths of older plans.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

const std::string kAccounts = "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret +
                              ", verify_token: " + kVerifyToken +
                              ", phone_number_id: '1001', access_token: t, base_url: 'http://127.0.0.1:9'}\n";

std::string bytesOf(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
}

// The answers to the same call, sent twice.
std::pair<HttpResponse, HttpResponse> twice(HttpCall& http, const std::string& path, const std::string& body,
                                            const std::string& type = "application/json") {
    const auto once = [&] {
        return http
            .send(
                {"POST", path, {{"content-type", type}, {"idempotency-key", "k " + path}}, body, "", nullptr})
            .value();
    };
    return {once(), once()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_repeated_call_whose_answer_holds_a_secret_is_done_once_and_told_again) {
    Gateway gateway(kAccounts);
    gateway.start();
    HttpCall admin = gateway.call();
    const Json before = admin.json("/api/v1/tokens");

    const std::string body = R"({"name":"dashboard","role":"viewer"})";
    const auto [first, second] = twice(admin, "/api/v1/tokens", body);

    BOOST_TEST(first.status == 201, first.body);
    BOOST_TEST(second.status == 201);
    BOOST_TEST(first.body == second.body);
    BOOST_TEST(second.headers.get("idempotent-replayed") == "true");
    BOOST_TEST(admin.json("/api/v1/tokens")["items"].size() == before["items"].size() + 1);
    const std::string token = parseJson(first.body)->at("token");
    BOOST_TEST(HttpCall(gateway.port(), token).get("/api/v1/me").status == 200);
    const auto [invited, again] =
        twice(admin, "/api/v1/invitations", R"({"email":"new@x.example","role":"agent"})");
    BOOST_TEST(invited.status == 201);
    BOOST_TEST(invited.body == again.body);
    const auto [begun, begun_again] = twice(admin, "/api/v1/uploads", R"({"name":"plan.pdf","size":10})");
    BOOST_TEST(begun.status == 201, begun.body);
    BOOST_TEST(begun_again.headers.get("idempotent-replayed") == "true");
    BOOST_TEST(begun_again.headers.get("location").starts_with("/api/v1/uploads/upl_"));
    for (const std::string name : {"location", "upload-offset", "content-type"})
        BOOST_TEST(begun_again.headers.get(name) == begun.headers.get(name), name);
    BOOST_TEST(gateway.stop() == 0);
    if (!gateway.database().starts_with("sqlite")) return;
    const std::string stored = bytesOf(gateway.data() + "/test.db");
    BOOST_TEST(stored.find("sealed:") != std::string::npos);
    BOOST_TEST(stored.find(token) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_paths_of_older_plans_keep_the_promises_of_those_they_stand_for) {
    Gateway gateway(kAccounts);
    gateway.start();
    HttpCall http = gateway.call();
    BOOST_REQUIRE(http.send(whatsappText("wa", "4917011111111", "wamid.1", "hello"))->status == 200);
    const Json hello = http.json("/api/v1/messages")["items"][0];
    const std::string conversation = hello["conversation_id"], message = hello["id"];

    const auto [sent, again] = twice(http, "/api/communications/send",
                                     dumpJson({{"conversation_id", conversation}, {"text", "once"}}));
    BOOST_TEST(sent.status == 202, sent.body);
    BOOST_TEST(sent.body == again.body);
    const auto [other, other_again] =
        twice(http, "/api/communication/messages",
              dumpJson({{"account", "wa"}, {"to", "+4917011111111"}, {"text", "once too"}}));
    BOOST_TEST(other.body == other_again.body);
    BOOST_TEST(http.json("/api/communications/thread/" + conversation)["items"].size() == 3U);

    // As large as the route that it stands for takes them.
    const std::string form =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"long.txt\"\r\n\r\n" +
        std::string(6'000'000, 'x') + "\r\n--b--\r\n";
    const auto [file, file_again] =
        twice(http, "/api/communications/upload", form, "multipart/form-data; boundary=b");
    BOOST_TEST(file.status == 201, file.body);
    BOOST_TEST(file.body == file_again.body);
    BOOST_TEST(http.json("/api/v1/files")["items"].size() == 1U);
    const std::string id = parseJson(file.body)->at("id");
    BOOST_TEST(http.get("/api/communications/file/" + id).body.size() == 6'000'000U);

    for (const auto& [path, body] : std::vector<std::pair<std::string, std::string>>{
             {"/api/messages/" + message + "/tag", R"({"tag":"roof"})"},
             {"/api/communications/mark-read", dumpJson({{"conversation_id", conversation}})},
             {"/api/tickets", R"({"title":"Leak"})"}}) {
        const auto [done, repeated] = twice(http, path, body);
        BOOST_TEST(done.status < 300, path << done.body);
        BOOST_TEST(done.body == repeated.body, path);
    }
    BOOST_TEST(http.json("/api/tickets")["items"].size() == 1U);
    BOOST_TEST(http.json("/api/communication/conversations")["items"].size() == 1U);
    BOOST_TEST(http.json("/api/messages/search?q=hello").contains("items"));
    BOOST_TEST(http.get("/api/messages/org_zzzzzzzzzzzz1").status == 404);
}

}  // namespace signalbox
