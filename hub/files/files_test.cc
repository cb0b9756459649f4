#include "hub/files/files.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

// A message with a picture that is still to be fetched.
struct Wanted : OutboxFixture {
    Wanted() {
        Envelope envelope = textFrom("+4917012345678", "look", "wamid.1");
        envelope.attachments.push_back({"image", "media-1", "", "image/jpeg", "a.jpg"});
        accept({envelope});
        const auto id = parseId(kMessageId, textAt(messages()[0], "id"));
        key = {kDefaultOrg, accounts.byName("wa")->id, "wa", *id, 0};
    }
    Json attachment() { return messages()[0]["attachments"][0]; }

    AttachmentKey key;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_fetched_file_takes_the_place_of_its_placeholder) {
    Wanted hub;

    hub.write([&](Tx& tx) { hub.files.markFetched(tx, hub.key, {{"ab12", 7}, "image/png", ""}); });

    BOOST_TEST(hub.attachment()["state"] == "fetched");
    BOOST_TEST(hub.attachment()["mime"] == "image/png");
    BOOST_TEST(hub.attachment()["filename"] == "a.jpg");
    const auto events = hub.events("attachment.fetched");
    BOOST_REQUIRE(events.size() == 1U);
    BOOST_TEST(events[0]["file"]["sha256"] == "ab12");
    BOOST_TEST(events[0]["account"] == "wa");
    BOOST_TEST(events[0]["message_id"] == hub.messages()[0]["id"]);
    BOOST_TEST(events[0]["conversation_id"] == hub.messages()[0]["conversation_id"]);
}

BOOST_AUTO_TEST_CASE(a_file_that_will_not_come_is_told_with_the_reason) {
    Wanted hub;

    hub.write([&](Tx& tx) { hub.files.markFailed(tx, hub.key, {ErrorKind::NotFound, "gone", {}, "404"}); });

    BOOST_TEST(hub.attachment()["state"] == "failed");
    const auto events = hub.events("attachment.failed");
    BOOST_REQUIRE(events.size() == 1U);
    BOOST_TEST(events[0]["error"]["code"] == "404");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_there_does_not_fail_afterwards) {
    Wanted hub;
    hub.write([&](Tx& tx) { hub.files.markFetched(tx, hub.key, {{"ab12", 7}, "", ""}); });

    hub.write([&](Tx& tx) { hub.files.markFailed(tx, hub.key, {ErrorKind::NotFound, "gone", {}, "404"}); });

    BOOST_TEST(hub.attachment()["state"] == "fetched");
    BOOST_TEST(hub.events("attachment.failed").empty());
}

}  // namespace signalbox
