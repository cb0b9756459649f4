// Accounts that are made through the API: connected at once and after a restart, secrets sealed and never
// shown.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

const std::string kCanary = "canary-c4f1e0-access-token";

const Json kNewAccount = {{"name", "sales"},
                          {"type", "whatsapp_cloud"},
                          {"app_secret", kAppSecret},
                          {"verify_token", kVerifyToken},
                          {"phone_number_id", "1001"},
                          {"access_token", kCanary},
                          {"base_url", "http://127.0.0.1:9"}};

HttpRequest withBody(const std::string& method, const std::string& target, const Json& body) {
    return {method, target, {{"content-type", "application/json"}}, dumpJson(body), ""};
}

bool isInFiles(const std::string& folder, const std::string& text) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
        if (!file.is_regular_file()) continue;
        std::ifstream in(file.path(), std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(in), {});
        if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_account_of_the_api_is_connected_at_once_and_after_a_restart_and_keeps_its_secrets) {
    Gateway gateway("  []\n");
    makeOrg(gateway, "Other");
    makeUser(gateway, "Other", "spy@x.example", "admin");
    gateway.start();
    HttpCall http(gateway.port(), gateway.token());

    const auto made = http.post("/api/v1/accounts", kNewAccount);

    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    BOOST_TEST(made.body.find(kCanary) == std::string::npos);
    const std::string hook = parseJson(made.body)->at("hook_path");
    BOOST_TEST(hook.size() > 30U);
    auto callback = whatsappText("sales", "4917012345678", "wamid.1", "hello");
    callback.target = hook;
    BOOST_TEST(http.send(callback)->status == 200);
    BOOST_TEST(http.send(whatsappText("sales", "4917012345678", "wamid.2", "hello"))->status == 404);
    BOOST_TEST(http.post("/api/v1/accounts", kNewAccount).status == 409);
    BOOST_TEST(!http.get("/api/v1/accounts/sales").body.empty());
    BOOST_TEST(http.json("/api/v1/accounts/sales")["config"]["access_token"] == "***");

    const auto patched =
        http.send(withBody("PATCH", "/api/v1/accounts/sales", {{"access_token", "***"}, {"region", "DE"}}));
    BOOST_REQUIRE_MESSAGE(patched->status == 200, patched->body);
    BOOST_TEST(parseJson(patched->body)->at("region") == "DE");
    const auto unknown = http.send(withBody("PATCH", "/api/v1/accounts/sales", {{"acces_token", "x"}}));
    BOOST_TEST(unknown->status == 422);

    HttpCall spy(gateway.port(), signIn(gateway, "Other", "spy@x.example"));
    BOOST_TEST(spy.get("/api/v1/accounts/sales").status == 404);
    BOOST_TEST(spy.send(withBody("DELETE", "/api/v1/accounts/sales", Json::object()))->status == 404);

    gateway.stop();
    BOOST_TEST(!isInFiles(gateway.data(), kCanary));
    gateway.start();
    HttpCall again(gateway.port(), gateway.token());
    callback = whatsappText("sales", "4917012345678", "wamid.3", "again");
    callback.target = hook;
    BOOST_TEST(again.send(callback)->status == 200);
    const std::string conversation =
        again.json("/api/v1/conversations?account=sales")["items"][0].value("id", "");
    const std::string messages = "/api/v1/conversations/" + conversation + "/messages";
    BOOST_TEST(again.post(messages, {{"text", "waits: nobody listens there"}}).status == 202);
    BOOST_TEST(again.send({"DELETE", "/api/v1/accounts/sales", {}, "", ""})->status == 204);
    BOOST_TEST(again.send(callback)->status == 404);
    BOOST_TEST(again.get("/api/v1/accounts/sales").status == 404);

    // What waited is there to be seen, nothing more is taken, what came is still found.
    const auto blocked = again.json("/api/v1/dead-letters?state=blocked&account=sales");
    BOOST_TEST(blocked["items"].size() == 1U, dumpJson(blocked));
    const auto late = again.post(messages, {{"text", "late"}});
    BOOST_TEST(late.status == 409, late.body);
    BOOST_TEST(late.body.find("account_removed") != std::string::npos, late.body);
    BOOST_TEST(again.json("/api/v1/messages?account=sales")["items"].size() == 3U);
    // Connected again, it goes on.
    BOOST_TEST(again.post("/api/v1/accounts", kNewAccount).status == 201);
    BOOST_TEST(again.json("/api/v1/dead-letters?state=blocked&account=sales")["items"].empty());
    BOOST_TEST(again.post(messages, {{"text", "goes on"}}).status == 202);
}

BOOST_AUTO_TEST_CASE(secrets_of_an_account_follow_to_another_place_only_when_given_anew) {
    Gateway gateway("  []\n");
    gateway.start();
    HttpCall http(gateway.port(), gateway.token());
    const auto patch = [&](const std::string& name, const Json& body) {
        return *http.send(withBody("PATCH", "/api/v1/accounts/" + name, body));
    };
    BOOST_REQUIRE_EQUAL(http.post("/api/v1/accounts", kNewAccount).status, 201);
    const Json mailbox = {{"name", "mail"},
                          {"type", "email"},
                          {"address", "sales@shop.example"},
                          {"password", kCanary},
                          {"oauth",
                           {{"provider", "other"},
                            {"client_id", "c"},
                            {"client_secret", "canary-client"},
                            {"refresh_token", "canary-refresh"},
                            {"authorize_url", "https://id.shop.example/auth"},
                            {"token_url", "https://id.shop.example/token"},
                            {"scope", "mail"}}},
                          {"smtp", {{"host", "smtp.shop.example"}}}};
    const auto made = http.post("/api/v1/accounts", mailbox);
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);

    const auto moved = patch("sales", {{"base_url", "http://127.0.0.1:10"}});
    BOOST_TEST(moved.status == 422);
    for (const char* name : {"base_url", "access_token", "app_secret", "verify_token"})
        BOOST_TEST(moved.body.find(name) != std::string::npos, name << " in " << moved.body);
    const Json half = {{"base_url", "http://127.0.0.1:10"}, {"access_token", "***"}, {"app_secret", "a"}};
    BOOST_TEST(patch("sales", half).status == 422);
    for (const Json& elsewhere :
         {Json{{"smtp", {{"host", "smtp.evil.example"}}}}, Json{{"smtp", {{"port", 2525}}}},
          Json{{"imap", {{"host", "imap.evil.example"}}}},
          Json{{"oauth", {{"token_url", "https://evil.example/token"}}}},
          Json{{"oauth", {{"token_url", nullptr}, {"provider", "google"}}}}}) {
        const auto refused = patch("mail", elsewhere);
        BOOST_TEST(refused.status == 422, dumpJson(elsewhere) << " → " << refused.body);
        BOOST_TEST(refused.body.find("oauth.client_secret") != std::string::npos, refused.body);
    }
    BOOST_TEST(http.json("/api/v1/accounts/sales")["config"]["base_url"] == "http://127.0.0.1:9");

    // What goes nowhere else takes no secrets, and with the secrets the account moves.
    BOOST_TEST(patch("sales", {{"base_url", "http://127.0.0.1:9"}, {"request_timeout_s", 7}}).status == 200);
    Json anew = kNewAccount;
    anew.erase("name");
    anew.erase("type");
    anew["base_url"] = "http://127.0.0.1:10";
    const auto done = patch("sales", anew);
    BOOST_TEST(done.status == 200, done.body);
    BOOST_TEST(http.json("/api/v1/accounts/sales")["config"]["base_url"] == "http://127.0.0.1:10");
}

BOOST_AUTO_TEST_CASE(an_account_of_the_api_opens_no_networks_behind_the_daemon) {
    Gateway gateway("  []\n");
    gateway.start();
    HttpCall http(gateway.port(), gateway.token());
    const auto opening = [](const char* name) {
        return Json{{"name", name}, {"type", "http"}, {"allow_networks", {"127.0.0.0/8"}}};
    };

    for (const char* path : {"/api/v1/accounts", "/api/v1/accounts/test"}) {
        const auto refused = http.post(path, opening("inside"));
        BOOST_TEST(refused.status >= 400, path << refused.body);
        BOOST_TEST(refused.body.find("egress") != std::string::npos, path << refused.body);
    }
    BOOST_REQUIRE_EQUAL(http.post("/api/v1/accounts", {{"name", "plain"}, {"type", "http"}}).status, 201);
    BOOST_TEST(http.send(withBody("PATCH", "/api/v1/accounts/plain", {{"allow_any_port", true}}))->status ==
               422);
}

}  // namespace signalbox
