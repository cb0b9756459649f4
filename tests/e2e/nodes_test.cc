// Two daemons on one PostgreSQL: both take callbacks, both run workflows, both send. Whatever dies, nothing
// is lost, nothing is there twice, and nothing is sent twice that the provider lets us key.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <random>

#include "tests/support/people_of_gateway.h"
#include "tests/support/postgres_server.h"
#include "tests/support/recording_provider.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

}  // namespace

BOOST_AUTO_TEST_CASE(two_daemons_on_one_database_lose_and_double_nothing_when_one_is_killed) {
    if (!PostgresServer::isInstalled()) return;
    RecordingProvider provider;
    const std::string database = PostgresServer::instance().createDatabase();
    Gateway steady(accountsOf(provider), database), mortal(accountsOf(provider), database);
    steady.start();
    // Daemons on one database share the key of its credentials.
    std::filesystem::copy_file(steady.data() + "/vault.key", mortal.data() + "/vault.key");
    mortal.start();
    steady.publish("answer", kAnsweringGraph);
    std::set<std::string> acknowledged;
    std::mutex mutex;
    std::mt19937 dice(std::random_device{}());

    for (int round = 0; round < 3; ++round) {
        std::vector<std::thread> posters;
        for (int thread = 0; thread < 2; ++thread) {
            posters.emplace_back(
                [&, thread, round] { postUntilGone(mortal.port(), thread, round, acknowledged, mutex); });
        }
        HttpCall http(steady.port());
        for (int i = 0; i < 30; ++i) {
            const std::string id = "wamid.steady." + std::to_string(round) + "." + std::to_string(i);
            const auto answer =
                http.send(whatsappText("wa", "49170200000" + std::to_string(i % 5), id, "hello " + id));
            BOOST_REQUIRE(answer);
            if (answer->status == 200) {
                std::lock_guard lock(mutex);
                acknowledged.insert(id);
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100 + dice() % 300));
        mortal.kill9();
        for (auto& poster : posters) poster.join();
        mortal.start();
    }
    HttpCall http = steady.call();
    BOOST_REQUIRE_MESSAGE(steady.eventually([&] { return isQuiet(http); }, 150s),
                          http.get("/api/v1/status").body);

    std::map<std::string, int> stored;
    for (const Json& message : allItems(http, "/api/v1/messages?direction=in"))
        ++stored[message["external_id"]];
    for (const auto& [id, count] : stored) BOOST_TEST(count == 1, id);
    for (const std::string& id : acknowledged)
        BOOST_TEST(stored.count(id) == 1, "acknowledged and lost: " + id);
    BOOST_TEST(allItems(http, "/api/v1/runs?workflow=answer").size() == stored.size());
    for (const auto& [key, count] : provider.sends()) BOOST_TEST(count == 1, "sent twice: " + key);
    for (const Json& message : allItems(http, "/api/v1/messages?direction=out")) {
        const std::string status = message["status"];
        BOOST_TEST((status == "accepted" || status == "sent" || status == "uncertain"), message.dump());
    }
    BOOST_TEST(acknowledged.size() > 90U);
    BOOST_TEST(mortal.stop() == 0);
    BOOST_TEST(steady.stop() == 0);
}

BOOST_AUTO_TEST_CASE(a_caller_is_answered_by_the_daemon_that_he_asked_whichever_runs_it) {
    if (!PostgresServer::isInstalled()) return;
    const std::string database = PostgresServer::instance().createDatabase();
    Gateway one("  []\n", database), other("  []\n", database);
    one.start();
    std::filesystem::copy_file(one.data() + "/vault.key", other.data() + "/vault.key");
    other.start();
    one.publish("echo", R"({"nodes": [
        {"id": "t", "type": "trigger.webhook", "position": {"x": 0, "y": 0},
         "data": {"path": "echo", "respond": "workflow", "respond_timeout_s": 30}},
        {"id": "r", "type": "respond", "position": {"x": 0, "y": 0},
         "data": {"status": 201, "body": {"n": "{{ trigger.content.body.n }}"}}}],
        "edges": [{"id": "e", "source": "t", "target": "r"}]})");
    const auto call = [](const Gateway& gateway, const std::string& path, int n) {
        HttpCall http(gateway.port());
        const auto answer = http.send(
            HttpRequest{"POST", path, {{"content-type", "application/json"}}, dumpJson({{"n", n}}), ""});
        return answer ? std::to_string(answer->status) + ' ' + answer->body : std::string("nothing");
    };
    for (const Gateway* gateway : {&one, &other})
        BOOST_REQUIRE(
            one.eventually([&] { return call(*gateway, "/webhooks/echo", 0) == R"(201 {"n":0})"; }));

    // Both look at the log: which of them goes on with a run is chance, so enough of them go either way.
    for (int n = 1; n <= 40; ++n) {
        BOOST_TEST(call(n % 2 == 0 ? one : other, "/webhooks/echo", n) ==
                   "201 {\"n\":" + std::to_string(n) + '}');
    }
    BOOST_TEST(other.stop() == 0);
    BOOST_TEST(one.stop() == 0);
}

BOOST_AUTO_TEST_CASE(an_organization_that_is_made_while_the_daemon_runs_takes_webhooks_at_once) {
    if (!PostgresServer::isInstalled()) return;
    Gateway gateway("  []\n", PostgresServer::instance().createDatabase());
    gateway.start();
    const std::string org = makeOrg(gateway, "second");
    HttpCall api(gateway.port(), trimmed(runProgram({builtProgram("signalboxd"), "token", "create",
                                                     "--config", gateway.config(), "--data", gateway.data(),
                                                     "--org", "second", "--role", "admin"})));
    BOOST_REQUIRE(gateway.eventually([&] {  // tokens of another process are known after a few seconds
        return api.put("/api/v1/workflows/hook/draft", R"({"nodes": [
            {"id": "t", "type": "trigger.webhook", "position": {"x": 0, "y": 0}, "data": {"path": "in"}},
            {"id": "s", "type": "set", "position": {"x": 0, "y": 0}, "data": {"fields": {"a": 1}}}],
            "edges": [{"id": "e", "source": "t", "target": "s"}]})")
                   .status < 300;
    }));
    BOOST_REQUIRE(api.post("/api/v1/workflows/hook/publish", Json::object()).status < 300);
    const std::string path = "/webhooks/@" + org + "/in";

    HttpCall outsider(gateway.port());
    std::optional<HttpResponse> answer;
    BOOST_REQUIRE(gateway.eventually([&] {
        answer = outsider.send(HttpRequest{"POST", path, {{"content-type", "application/json"}}, "{}", ""});
        return answer && answer->status != 404;  // published a moment ago
    }));

    BOOST_TEST(answer->status == 200, answer->body);
    BOOST_TEST(gateway.eventually([&] {
        const auto runs = api.get("/api/v1/runs?workflow=hook");
        return runs.body.find("succeeded") != std::string::npos;
    }));
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace signalbox
