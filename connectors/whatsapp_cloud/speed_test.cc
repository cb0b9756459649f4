// Callbacks are verified and normalized on the network threads, so their cost decides how many the daemon
// takes. The bound is far above what it takes here, for slow machines and sanitizers.
#include <boost/test/unit_test.hpp>
#include <chrono>

#include "connectors/sdk/connector.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_whatsapp.h"
#include "tests/support/schema_defaults.h"
#include "tests/support/scripted_http.h"

namespace signalbox {
namespace {

BOOST_AUTO_TEST_CASE(a_text_of_600_bytes_is_received_in_microseconds) {
    using Clock = std::chrono::steady_clock;
    FakeClock clock;
    const FakeWhatsapp whatsapp({}, clock);
    const HttpRequest request = whatsapp.inboundText(
        "919800000001",
        "wamid.HBgMOTE5ODAwMDAwMDAxFQIAEhgUM0FERjg0NDEzNDdFODU3MUMxMAA=", std::string(200, 'x'));
    ScriptedHttp http;
    const ConnectorType* type = findConnectorType("whatsapp_cloud");
    const Json config = {{"app_secret", "fake-app-secret"},
                         {"verify_token", "w"},
                         {"phone_number_id", "100000000000001"},
                         {"access_token", "t"}};
    const auto connector =
        type->create({"wa", testing::withDefaults(type->config_schema, config), http, clock});
    BOOST_REQUIRE(connector.ok());
    constexpr int kRounds = 5'000, kBlocks = 5;

    std::size_t envelopes = 0;
    auto best = Clock::duration::max();
    for (int block = 0; block < kBlocks; ++block) {
        const auto begin = Clock::now();
        for (int i = 0; i < kRounds; ++i)
            envelopes += (*connector)->receiver()->receive(request, clock.now())->envelopes.size();
        best = std::min(best, Clock::now() - begin);
    }

    const double each = std::chrono::duration<double, std::micro>(best).count() / kRounds;
    BOOST_TEST_MESSAGE(request.body.size() << " bytes: " << each << " us each");
    BOOST_TEST(envelopes == static_cast<std::size_t>(kRounds * kBlocks));
    BOOST_TEST(each < 500.0);
}

}  // namespace
}  // namespace signalbox
