// Two daemons on one PostgreSQL: both take callbacks, both run workflows, both send. Whatever dies, nothing
// is lost, nothing is there twice, and nothing is sent twice that the provider lets us key.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <random>

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

}  // namespace signalbox
