#include "hub/outbox/sent_copy.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {

BOOST_AUTO_TEST_CASE(the_commit_that_says_sent_makes_one_copy_and_its_words_go_once_it_is_there) {
    OutboxFixture hub;
    const Queued queued = hub.enqueue({{"account", "idem"}, {"to", "x"}, {"text", "hello"}});
    const Lease lease = hub.lease("idem").at(0);
    TryResult sent;
    sent.copy_request = R"({"type":"save_copy","text":"hello"})";

    BOOST_TEST(hub.finish(lease, sent));
    BOOST_TEST(!hub.finish(lease, sent));  // whoever comes late with the same try

    BOOST_TEST(hub.stateOf(queued.outbox) == "sent");
    const auto copies = hub.lease("idem", "mailbox");
    BOOST_REQUIRE(copies.size() == 1U);
    BOOST_TEST((copies[0].kind == OutboxKind::Copy));
    BOOST_TEST(copies[0].request == sent.copy_request);
    BOOST_TEST(hub.finish(copies[0], TryResult{}));
    Rows kept;
    hub.store->read([&](Reader& reader) {
        kept = reader.query("SELECT state, request FROM outbox WHERE kind = 'copy'");
    });
    BOOST_REQUIRE(kept.size() == 1U);
    BOOST_TEST(kept[0].text(0) == "sent");
    BOOST_TEST(kept[0].text(1) == "");
}

}  // namespace signalbox
