// The statements of this folder on each database that there is.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "hub/files/blob_collector.h"
#include "hub/files/blob_marks.h"
#include "hub/files/gallery.h"
#include "hub/files/thumbnails.h"
#include "hub/files/uploads.h"
#include "tests/support/outbox_fixture.h"
#include "tests/support/test_database.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

struct OnDatabase : OutboxFixture {
    explicit OnDatabase(DatabaseKind kind)
        : OutboxFixture(kind == DatabaseKind::Sqlite ? "" : PostgresServer::instance().createDatabase()) {
        if (!uploads.open()) throw std::runtime_error("uploads");
        blobs.beforePut([this](const std::string& sha256) { return collector.keep(sha256); });
    }
    FileRecord add(const std::string& bytes, const std::string& access, Id upload = 0, Id version_of = 0) {
        NewFile file{*blobs.put(bytes), "a.txt", access, "roof-17", "clean", "", {"text/plain", "document"}};
        file.upload = upload;
        file.version_of = version_of;
        file.quota_bytes = 1'000;
        file.tags = {"roof"};
        auto added = records.add(boss, file);
        if (!added) throw std::runtime_error(added.error().message);
        return *added;
    }
    // Sees the one conversation.
    FileViewer crew(Id conversation) const {
        FileViewer viewer{kDefaultOrg, 9, 0, false};
        viewer.conversations = [conversation](std::vector<Value>& values) {
            values.push_back(conversation);
            return "c.id = $" + std::to_string(values.size());
        };
        return viewer;
    }

    const FileViewer boss{kDefaultOrg, 1, 0, true};
    FileRecords records{*store, ids, clock, log};
    Uploads uploads{*store, ids, clock, dir.file("uploads")};
    Thumbnails thumbnails{*store, clock, blobs};
    BlobCollector collector{*store, clock, blobs, nullptr, 24h};
};

}  // namespace

BOOST_DATA_TEST_CASE(of_the_versions_of_a_file_one_sees_those_that_one_may_have, databases(), kind) {
    OnDatabase hub(kind);
    const FileRecord draft = hub.add("what it costs us", "private"),
                     offer = hub.add("what it costs you", "public", 0, draft.id);
    const FileViewer customer{kDefaultOrg, 9, 0, false};

    const Json seen = hub.records.versions(customer, offer);

    BOOST_REQUIRE_EQUAL(seen.size(), 1U);
    BOOST_TEST(textAt(seen[0], "id") == idText(kFileId, offer.id));
    BOOST_TEST(hub.records.versions(hub.boss, offer).size() == 2U);
}

BOOST_DATA_TEST_CASE(files_are_added_found_listed_carried_and_collected, databases(), kind) {
    OnDatabase hub(kind);
    NewUpload what;
    what.name = "a.txt";
    what.size = 5;
    const auto upload = hub.uploads.begin(hub.boss, what, 1'000);
    BOOST_REQUIRE(upload.ok());
    const FileRecord file = hub.add("hello", "restricted", upload->id);
    BOOST_TEST(hub.uploads.find(hub.boss, upload->id)->file == file.id);
    BOOST_TEST(hub.thumbnails.keep(file.sha256, "small", "a picture").ok());
    BOOST_TEST(**hub.thumbnails.find(file.sha256, "small") == "a picture");
    BOOST_TEST(hub.records.noteScan(file.sha256, "clean").ok());
    BOOST_TEST(hub.records.noteScan(file.sha256, "clean").ok());

    const Queued queued = hub.enqueue({{"account", "wa"},
                                       {"to", "+4917012345678"},
                                       {"attachments", {{{"file_id", idText(kFileId, file.id)}}}}});
    hub.write([&](Tx& tx) {
        tx.exec(
            "INSERT INTO object_links (org, object_kind, object_id, subject_kind, subject, linked_by,"
            " created_at) VALUES ($1, 'project', 'roof-17', 'conversation', $2, 'test', 0)",
            {kDefaultOrg, queued.conversation});
    });

    const FileViewer crew = hub.crew(queued.conversation);
    BOOST_TEST(hub.records.find(crew, file.id).has_value());
    BOOST_TEST(!hub.records.find(hub.crew(1), file.id).has_value());
    FileFilter filter;
    filter.tag = "roof";
    std::optional<Id> next;
    BOOST_TEST(hub.records.list(crew, filter, next).size() == 1u);
    const auto all = listGallery(*hub.store, crew, crew.conversations, {"project", "roof-17"}, {});
    BOOST_TEST(all.items.size() == 2u);  // the file itself, and as the message carries it
    for (int round = 0; round < 3; ++round) {
        BOOST_TEST(hub.collector.run({})->deleted == 0u);
        hub.clock.advance(25h);
    }
    BOOST_REQUIRE(hub.records.remove(file).ok());
    hub.write(
        [&](Tx& tx) { tx.exec("UPDATE attachments SET blob = '' WHERE message = $1", {queued.message}); });
    std::size_t deleted = 0;
    for (int round = 0; round < 5; ++round) {
        deleted += hub.collector.run({})->deleted;
        hub.clock.advance(25h);
    }
    BOOST_TEST(deleted == 2u);
    BOOST_TEST(*hub.uploads.dropOld() == 1u);
}

}  // namespace signalbox
