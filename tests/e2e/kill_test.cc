// kill -9 under load: nothing that was acknowledged is missing, nothing is there twice, every run ends, and
// what was sent is known: once where the receiver honours our key, «uncertain» where the outcome cannot be
// known.
#include <boost/test/unit_test.hpp>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "tests/support/gateway.h"
#include "tests/support/recording_provider.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

int killCount() {
    const char* text = std::getenv("SIGNALBOX_KILLS");
    return text != nullptr ? std::atoi(text) : 8;
}

}  // namespace

BOOST_AUTO_TEST_CASE(kill_9_at_random_moments_loses_and_doubles_nothing) {
    RecordingProvider provider;
    Gateway gateway(accountsOf(provider));
    std::set<std::string> acknowledged;
    std::mutex mutex;
    std::mt19937 dice(std::random_device{}());

    for (int round = 0; round < killCount(); ++round) {
        gateway.start();
        if (round == 0) gateway.publish("answer", kAnsweringGraph);
        std::vector<std::thread> posters;
        for (int thread = 0; thread < 4; ++thread) {
            posters.emplace_back(
                [&, thread, round] { postUntilGone(gateway.port(), thread, round, acknowledged, mutex); });
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20 + dice() % 500));
        gateway.daemon().kill9();
        for (auto& poster : posters) poster.join();
    }
    gateway.start();
    HttpCall http = gateway.call();
    BOOST_REQUIRE_MESSAGE(gateway.eventually([&] { return isQuiet(http); }, 120s),
                          http.get("/api/v1/status").body);

    std::map<std::string, int> stored;
    for (const Json& message : allItems(http, "/api/v1/messages?direction=in"))
        ++stored[message["external_id"]];
    for (const auto& [id, count] : stored) BOOST_TEST(count == 1, id);
    for (const std::string& id : acknowledged)
        BOOST_TEST(stored.count(id) == 1, "acknowledged and lost: " + id);
    BOOST_TEST(acknowledged.size() > 20);

    const Json runs = allItems(http, "/api/v1/runs?workflow=answer");
    BOOST_TEST(runs.size() == stored.size());
    for (const Json& run : runs) {
        const std::string status = run["status"];
        BOOST_TEST((status == "succeeded" || status == "failed"), run.dump());
    }

    std::map<std::string, std::string> states;
    for (const Json& message : allItems(http, "/api/v1/messages?direction=out"))
        states[message["id"]] = message["status"];
    int uncertain = 0;
    for (const auto& [key, count] : provider.sends()) BOOST_TEST(count == 1, "sent twice: " + key);
    for (const auto& [id, status] : states) {
        BOOST_TEST((status == "accepted" || status == "sent" || status == "uncertain"), id + " " + status);
        uncertain += status == "uncertain" ? 1 : 0;
    }
    for (const auto& [key, count] : provider.requests()) BOOST_TEST(!key.empty());
    BOOST_TEST_MESSAGE(acknowledged.size()
                       << " acknowledged, " << stored.size() << " stored, " << runs.size() << " runs, "
                       << states.size() << " answers, " << uncertain << " uncertain");
    BOOST_TEST(provider.sends().size() + static_cast<std::size_t>(uncertain) >= states.size());
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace signalbox
