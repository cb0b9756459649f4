#include "hub/inbox/merging.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "hub/inbox/object_links.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/test_database.h"

namespace signalbox {

// Not in a namespace without a name: the cases below are templates that capture it.
static std::string urlFor(DatabaseKind kind) {
    return kind == DatabaseKind::Sqlite ? "" : PostgresServer::instance().createDatabase();
}

struct MergingFixture : HubFixture {
    explicit MergingFixture(DatabaseKind kind = DatabaseKind::Sqlite) : HubFixture(urlFor(kind)) {}

    // The conversation that it came to.
    Id say(const std::string& phone, const std::string& text) {
        clock.advance(std::chrono::seconds(1));
        accept({textFrom(phone, text, "wamid." + std::to_string(++count))});
        return *parseId(kConversationId, textAt(messages()[0], "conversation_id"));
    }
    Status run(const std::function<Status(Tx&)>& change) {
        Status done = Done{};
        (void)store->writeAndWait([&](Tx& tx) { done = change(tx); });
        return done;
    }
    // «seq text» of its messages, by number.
    std::vector<std::string> linesOf(Id conversation) {
        std::vector<std::string> lines;
        store->read([&](Reader& reader) {
            for (const Row& row : reader.query(
                     "SELECT seq, text FROM messages WHERE conversation = $1 ORDER BY seq", {conversation}))
                lines.push_back(std::to_string(row.integer(0)) + ' ' + row.text(1));
        });
        return lines;
    }
    std::string statusOf(Id conversation) {
        return textAt(*findConversation(*store, accounts, kDefaultOrg, conversation), "status");
    }

    const Actor me{kDefaultOrg, 7, 7, "user:me"};
    Merging merging{clock, log, inbox};
    int count = 0;
};

using Lines = std::vector<std::string>;

BOOST_DATA_TEST_CASE(a_merge_takes_all_messages_and_the_thread_and_can_be_undone, databases(), kind) {
    MergingFixture hub(kind);
    const Id kept = hub.say("+4917012345678", "a1"), gone = hub.say("+4917012345679", "b1");
    hub.say("+4917012345679", "b2");
    const Id merge = hub.ids.next();

    BOOST_REQUIRE(hub.run([&](Tx& tx) { return hub.merging.merge(tx, hub.me, merge, kept, gone); }).ok());
    BOOST_TEST(hub.linesOf(kept) == (Lines{"1 a1", "2 b1", "3 b2"}), boost::test_tools::per_element());
    BOOST_TEST(hub.linesOf(gone).empty());
    BOOST_TEST(hub.statusOf(gone) == "closed");
    BOOST_TEST(hub.say("+4917012345679", "b3") == kept);
    BOOST_TEST(hub.eventTypes().back() == "message.received");

    BOOST_REQUIRE(hub.run([&](Tx& tx) { return hub.merging.unmerge(tx, hub.me, merge); }).ok());
    BOOST_TEST(hub.linesOf(gone) == (Lines{"1 b1", "2 b2"}), boost::test_tools::per_element());
    BOOST_TEST(hub.linesOf(kept) == (Lines{"1 a1", "4 b3"}), boost::test_tools::per_element());
    BOOST_TEST(hub.statusOf(gone) == "open");
    BOOST_TEST(hub.say("+4917012345679", "b4") == gone);
    BOOST_TEST(hub.linesOf(gone).back() == "3 b4");
}

BOOST_DATA_TEST_CASE(what_went_into_one_that_was_merged_itself_goes_to_the_last, databases(), kind) {
    MergingFixture hub(kind);
    const Id a = hub.say("+4917012345678", "a1"), b = hub.say("+4917012345679", "b1"),
             c = hub.say("+4917012345670", "c1");
    const Id first = hub.ids.next(), second = hub.ids.next();
    BOOST_REQUIRE(hub.run([&](Tx& tx) { return hub.merging.merge(tx, hub.me, first, b, a); }).ok());
    BOOST_REQUIRE(hub.run([&](Tx& tx) { return hub.merging.merge(tx, hub.me, second, c, b); }).ok());

    BOOST_TEST(hub.say("+4917012345678", "a2") == c);
    BOOST_TEST(hub.say("+4917012345679", "b2") == c);

    BOOST_REQUIRE(hub.run([&](Tx& tx) { return hub.merging.unmerge(tx, hub.me, second); }).ok());
    BOOST_TEST(hub.say("+4917012345678", "a3") == b);
}

BOOST_AUTO_TEST_CASE(a_merge_that_cannot_be_is_refused_and_changes_nothing) {
    MergingFixture hub;
    const Id a = hub.say("+4917012345678", "a"), b = hub.say("+4917012345679", "b"),
             c = hub.say("+4917012345670", "c");
    const Id first = hub.ids.next(), second = hub.ids.next();
    const auto merge = [&](Id number, Id kept, Id gone) {
        return hub.run([&](Tx& tx) { return hub.merging.merge(tx, hub.me, number, kept, gone); });
    };

    BOOST_TEST((merge(hub.ids.next(), a, a).error().kind == ErrorKind::Invalid));
    BOOST_TEST((merge(hub.ids.next(), a, 99).error().kind == ErrorKind::NotFound));
    BOOST_REQUIRE(merge(first, a, b).ok());
    BOOST_TEST(merge(hub.ids.next(), c, b).error().code == "conversation_merged");
    BOOST_REQUIRE(merge(second, c, a).ok());
    const auto undo = [&](Id number) {
        return hub.run([&](Tx& tx) { return hub.merging.unmerge(tx, hub.me, number); });
    };
    BOOST_TEST(undo(first).error().code == "merge_buried");
    BOOST_TEST(undo(second).ok());
    BOOST_TEST(undo(second).error().code == "merge_undone");
    BOOST_TEST(undo(first).ok());
    BOOST_TEST(hub.linesOf(b) == (Lines{"1 b"}), boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(an_objects_timeline_has_what_is_linked_and_shows_clients_no_notes, databases(), kind) {
    MergingFixture hub(kind);
    const Id conversation = hub.say("+4917012345678", "the roof leaks");
    hub.say("+4917012345679", "something else");
    hub.say("+4917012345678", "for us only");
    (void)hub.store->writeAndWait(
        [](Tx& tx) { tx.exec("UPDATE messages SET direction = 'internal' WHERE text = 'for us only'", {}); });
    const ObjectName roof{"project", "roof-17"};

    BOOST_REQUIRE(
        hub.run([&](Tx& tx) {
               return linkObject(tx, hub.log, hub.me, roof, {"conversation", conversation}, hub.clock.now());
           })
            .ok());

    const auto texts = [&](bool is_for_clients) {
        std::string out;
        for (const Json& item :
             listTimeline(*hub.store, hub.accounts, kDefaultOrg, roof, is_for_clients, {}).items)
            out += (out.empty() ? "" : " | ") + textAt(item, "text");
        return out;
    };
    BOOST_TEST(texts(false) == "for us only | the roof leaks");
    BOOST_TEST(texts(true) == "the roof leaks");
    BOOST_TEST(listLinks(*hub.store, kDefaultOrg, roof).size() == 1U);
    BOOST_TEST(listLinks(*hub.store, kDefaultOrg + 1, roof).empty());
    BOOST_TEST((hub.run([&](Tx& tx) {
                       return linkObject(tx, hub.log, hub.me, roof, {"person", 99}, hub.clock.now());
                   })
                    .error()
                    .kind == ErrorKind::NotFound));
    BOOST_TEST((checkObject({"Project", "x"}).error().kind == ErrorKind::Invalid));
}

}  // namespace signalbox
