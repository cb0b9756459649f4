// What the configuration says about how long finished things are kept is what the daemon does.
#include <boost/test/unit_test.hpp>

#include "tests/support/gateway.h"
#include "tests/support/recording_provider.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

std::size_t deadLetters(const Gateway& gateway) {
    const auto answer = gateway.call().get("/api/v1/dead-letters");
    return parseJson(answer.body)->at("items").size();
}

// While the daemon does not run: as if what it finished had been finished that long ago.
void makeOlder(const Gateway& gateway, std::chrono::hours by) {
    StoreOptions options;
    options.url = gateway.database();
    auto store = openStore(options);
    BOOST_REQUIRE(store.ok());
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(by).count();
    BOOST_REQUIRE((*store)
                      ->writeAndWait([&](Tx& tx) {
                          tx.exec("UPDATE outbox SET changed_at = changed_at - $1", {std::int64_t{micros}});
                      })
                      .ok());
    (*store)->close();
}

}  // namespace

BOOST_AUTO_TEST_CASE(dead_letters_go_after_the_days_that_the_configuration_says) {
    RecordingProvider provider;
    Gateway gateway(accountsOf(provider) + "retention: {outbox_days: 2}\n");
    gateway.start();
    const auto sent = gateway.call().post(
        "/api/v1/messages",
        {{"account", "wa"}, {"to", "+4917012345678"}, {"type", "text"}, {"text", "hello"}});
    BOOST_REQUIRE_MESSAGE(sent.status < 300, sent.body);
    // WhatsApp takes free text from those who have written only.
    BOOST_REQUIRE(gateway.eventually([&] { return deadLetters(gateway) == 1; }));

    BOOST_REQUIRE(gateway.stop() == 0);
    makeOlder(gateway, 24h);
    gateway.start();
    std::this_thread::sleep_for(3s);  // housekeeping comes by, and finds it young enough
    BOOST_TEST(deadLetters(gateway) == 1U);

    BOOST_REQUIRE(gateway.stop() == 0);
    makeOlder(gateway, 48h);
    gateway.start();

    BOOST_TEST(gateway.eventually([&] { return deadLetters(gateway) == 0; }));
    BOOST_TEST(gateway.stop() == 0);
}

}  // namespace signalbox
