#include "hub/files/gallery.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

// A conversation about project roof-17 with a picture, and files of that project.
struct Roof : OutboxFixture {
    Roof() {
        Envelope envelope = textFrom("+4917012345678", "look", "wamid.1");
        envelope.attachments.push_back({"image", "media-1", "", "image/jpeg", "crack.jpg"});
        accept({envelope});
        const Json message = messages()[0];
        const auto id = parseId(kMessageId, textAt(message, "id"));
        conversation = *parseId(kConversationId, textAt(message, "conversation_id"));
        write([&](Tx& tx) {
            files.markFetched(tx, {kDefaultOrg, accounts.byName("wa")->id, "wa", *id, 0},
                              {*blobs.put("picture"), "", ""});
            tx.exec(
                "INSERT INTO object_links (org, object_kind, object_id, subject_kind, subject, linked_by,"
                " created_at) VALUES ($1, 'project', 'roof-17', 'conversation', $2, 'test', 0)",
                {kDefaultOrg, conversation});
        });
    }
    FileRecord add(const std::string& name, const std::string& access, const std::string& project) {
        NewFile file{*blobs.put(name), name, access, project, "clean", "", {"text/plain", "document"}};
        return *records.add(boss, file);
    }
    // Someone who sees this conversation and no other.
    FileViewer crew(Id sees) const {
        FileViewer viewer{kDefaultOrg, 9, 0, false};
        viewer.conversations = [sees](std::vector<Value>& values) {
            values.push_back(sees);
            return "c.id = $" + std::to_string(values.size());
        };
        return viewer;
    }
    std::vector<std::string> gallery(const FileViewer& viewer, const std::string& kind = "project") {
        const SeenRows seen = [&](std::vector<Value>& values) {
            return viewer.sees_everything ? std::string("m.org = $1") : viewer.conversations(values);
        };
        std::vector<std::string> names;
        for (const Json& item : listGallery(*store, viewer, seen, {kind, "roof-17"}, {}).items)
            names.push_back(textAt(item, "name"));
        return names;
    }

    FileRecords records{*store, ids, clock, log};
    const FileViewer boss{kDefaultOrg, 1, 0, true};
    Id conversation = 0;
};

using Names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(restricted_files_are_for_those_who_see_a_conversation_about_their_project) {
    Roof hub;
    const FileRecord restricted = hub.add("plan.txt", "restricted", "roof-17"),
                     named = hub.add("plan2.txt", "restricted", "project:roof-17"),
                     own = hub.add("bill.txt", "private", "roof-17"),
                     other = hub.add("other.txt", "restricted", "garden-3");
    const FileViewer crew = hub.crew(hub.conversation), stranger = hub.crew(hub.conversation + 1);

    BOOST_TEST(hub.records.find(crew, restricted.id).has_value());
    BOOST_TEST(hub.records.find(crew, named.id).has_value());
    BOOST_TEST(!hub.records.find(crew, own.id).has_value());
    BOOST_TEST(!hub.records.find(crew, other.id).has_value());
    BOOST_TEST(!hub.records.find(stranger, restricted.id).has_value());
    BOOST_TEST(!hub.records.find({kDefaultOrg, 9, 0, false}, restricted.id).has_value());
    std::optional<Id> next;
    BOOST_TEST(hub.records.list(crew, {}, next).size() == 2u);
    BOOST_TEST(hub.records.list(stranger, {}, next).empty());
}

BOOST_AUTO_TEST_CASE(the_gallery_of_an_object_holds_its_files_and_those_of_its_conversations) {
    Roof hub;
    hub.add("plan.txt", "restricted", "roof-17");
    hub.add("bill.txt", "private", "project:roof-17");
    hub.add("other.txt", "public", "garden-3");

    BOOST_TEST((hub.gallery(hub.boss) == Names{"bill.txt", "plan.txt", "crack.jpg"}));
    BOOST_TEST((hub.gallery(hub.crew(hub.conversation)) == Names{"plan.txt", "crack.jpg"}));
    BOOST_TEST(hub.gallery(hub.crew(hub.conversation + 1)).empty());
    BOOST_TEST(hub.gallery(hub.boss, "job").empty());
}

}  // namespace signalbox
