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
    BOOST_TEST(again.send({"DELETE", "/api/v1/accounts/sales", {}, "", ""})->status == 204);
    BOOST_TEST(again.send(callback)->status == 404);
    BOOST_TEST(again.get("/api/v1/accounts/sales").status == 404);
}

}  // namespace signalbox
