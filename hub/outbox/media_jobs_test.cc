#include "hub/outbox/media_jobs.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {

BOOST_AUTO_TEST_CASE(a_wanted_file_is_a_job_beside_the_lane_of_its_conversation) {
    OutboxFixture hub;
    Envelope envelope = textFrom("+4917012345678", "look", "wamid.1");
    envelope.attachments.push_back({"image", "media-1"});
    hub.accept({envelope});
    const Id message = *parseId(kMessageId, textAt(hub.messages()[0], "id"));

    hub.write([&](Tx& tx) {
        hub.outbox.wanted(tx, *hub.accounts.byName("wa"), message, 0, envelope.attachments[0]);
        hub.outbox.wanted(tx, *hub.accounts.byName("wa"), message, 1, {"contact"});  // nothing to fetch
    });
    hub.enqueue({{"conversation_id", hub.messages()[0]["conversation_id"]}, {"text", "nice"}});

    BOOST_TEST(hub.lease("wa").size() == 1U);
    const auto leases = hub.lease("wa", "media");
    BOOST_REQUIRE(leases.size() == 1U);
    BOOST_TEST(toAttachment(leases[0]).media_id == "media-1");
    TryResult fetched;
    fetched.file = FetchedFile{{"ab12", 3}, "image/png", ""};
    BOOST_TEST(hub.finish(leases[0], fetched));
    BOOST_TEST(hub.events("attachment.fetched").size() == 1U);
}

}  // namespace signalbox
