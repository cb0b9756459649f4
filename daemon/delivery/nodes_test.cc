// Several daemons on one PostgreSQL; nothing runs where there is none.
#include <boost/test/unit_test.hpp>

#include "tests/support/delivery_fixture.h"
#include "tests/support/postgres_server.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

// Two nodes whose ids do not meet: the second one's clock is a second ahead.
struct Nodes {
    Nodes() { second.clock.advance(1s); }
    const std::string url = PostgresServer::instance().createDatabase();
    DeliveryFixture first{{}, url};
    DeliveryFixture second{{}, url};
};

}  // namespace

BOOST_AUTO_TEST_CASE(two_nodes_send_each_message_once_and_in_order) {
    if (!PostgresServer::isInstalled()) return;
    Nodes nodes;
    std::mutex mutex;
    std::map<std::string, std::vector<int>> sent;
    for (auto* node : {&nodes.first, &nodes.second}) {
        node->provider("idem").onSend(
            [&](const OutboundMessage& message, const std::stop_token&) -> Result<Receipt> {
                std::lock_guard lock(mutex);
                sent[message.to.value].push_back(std::stoi(message.text));
                return Receipt{"ext-" + message.idempotency_key};
            });
    }
    for (int i = 0; i < 300; ++i)
        nodes.first.text("idem", "peer " + std::to_string(i % 20), std::to_string(i));

    nodes.first.start();
    nodes.second.start();

    // The clocks go as fast as real time does: a faster one would let leases lapse while the database works.
    auto then = std::chrono::steady_clock::now();
    BOOST_TEST(eventually([&] {
        const auto now = std::chrono::steady_clock::now();
        for (auto* node : {&nodes.first, &nodes.second})
            node->clock.advance(std::chrono::duration_cast<std::chrono::microseconds>(now - then));
        then = now;
        return readOutboxFigures(*nodes.first.store).pending == 0;
    }));
    std::size_t count = 0;
    for (const auto& [peer, numbers] : sent) {
        count += numbers.size();
        BOOST_TEST(std::is_sorted(numbers.begin(), numbers.end()));
    }
    BOOST_TEST(count == 300U);
}

BOOST_AUTO_TEST_CASE(what_a_node_left_leased_is_taken_over_by_the_other) {
    if (!PostgresServer::isInstalled()) return;
    Nodes nodes;
    const Queued safe = nodes.first.text("idem", "x", "hello");
    const Queued unsafe = nodes.first.text("wa", "+4917012345678", "hello");
    const Lease lost = nodes.first.lease("idem").at(0);
    nodes.first.lease("wa");
    nodes.second.start();
    BOOST_TEST(nodes.second.stateOf(safe.outbox) == "leased");

    nodes.second.clock.advance(61s);

    BOOST_TEST(nodes.second.reaches(safe, "sent"));
    BOOST_TEST(nodes.second.reaches(unsafe, "uncertain"));
    BOOST_TEST(!nodes.first.finish(lost, sentAs("zombie")));
}

BOOST_AUTO_TEST_CASE(what_another_node_queues_is_seen_without_a_bell) {
    if (!PostgresServer::isInstalled()) return;
    Nodes nodes;
    nodes.second.start();

    const Queued queued = nodes.first.text("idem", "x", "hello");
    nodes.second.clock.advance(1s);

    BOOST_TEST(nodes.second.reaches(queued, "sent"));
}

}  // namespace signalbox
