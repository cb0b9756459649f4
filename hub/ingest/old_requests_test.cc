#include "hub/ingest/old_requests.h"

#include <boost/test/unit_test.hpp>

#include "hub/ingest/quarantine.h"
#include "tests/support/hub_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

std::int64_t countOf(HubFixture& hub, std::string_view sql) {
    std::int64_t count = 0;
    hub.store->read([&](Reader& reader) { count = reader.query(sql).at(0).integer(0); });
    return count;
}

}  // namespace

BOOST_AUTO_TEST_CASE(old_callbacks_and_their_keys_go_and_what_is_in_quarantine_stays) {
    HubFixture hub;
    hub.accept({textFrom("+4917012345678", "old", "wamid.1")});
    const Ingested half =
        hub.accept({textFrom("+4917012345678", "half", "wamid.2")}, "wa", "entry[1]: not understood");
    hub.clock.advance(24h * 31);
    hub.accept({textFrom("+4917012345678", "young", "wamid.3")});
    OldRequests care(*hub.store);

    while (*care.forgetSome(hub.clock.now() - 24h * 30)) {
    }

    BOOST_TEST(countOf(hub, "SELECT COUNT(*) FROM raw_requests") == 2);
    BOOST_TEST(countOf(hub, "SELECT COUNT(*) FROM inbound_keys") == 2);
    BOOST_TEST(hub.messages().size() == 3U);
    BOOST_TEST(loadQuarantined(*hub.store, kDefaultOrg, half.request).has_value());
    // The replay of what is in quarantine stores nothing twice; what is young is still known.
    BOOST_TEST(hub.accept({textFrom("+4917012345678", "half", "wamid.2")}).duplicates == 1);
    BOOST_TEST(hub.accept({textFrom("+4917012345678", "young", "wamid.3")}).duplicates == 1);
}

BOOST_AUTO_TEST_CASE(very_many_keys_are_looked_through_a_page_at_a_time) {
    HubFixture hub;
    const Id account = hub.accounts.byName("wa")->id;
    const Id old = hub.ids.next();
    (void)hub.store->writeAndWait([&](Tx& tx) {
        for (int i = 0; i < 2500; ++i) {
            const std::string key = "k" + std::to_string(i);
            tx.exec("INSERT INTO inbound_keys (account, dedup_key, request) VALUES ($1, $2, $3)",
                    {account, std::string_view(key), old});
        }
    });
    hub.clock.advance(24h * 31);
    OldRequests care(*hub.store);

    int calls = 1;
    while (*care.forgetSome(hub.clock.now() - 24h)) ++calls;

    BOOST_TEST(calls == 3);
    BOOST_TEST(countOf(hub, "SELECT COUNT(*) FROM inbound_keys") == 0);
}

}  // namespace signalbox
