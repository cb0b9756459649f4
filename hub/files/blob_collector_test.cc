#include "hub/files/blob_collector.h"

#include <boost/test/unit_test.hpp>
#include <shared_mutex>
#include <thread>

#include "hub/files/blob_marks.h"
#include "hub/files/disk_objects.h"
#include "hub/files/file_records.h"
#include "hub/vault/vault.h"
#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

struct Collecting : OutboxFixture {
    Collecting() {
        vault = *Vault::open(*store, clock, dir.file("vault.key"));
        keys = *BlobKeys::open(*store, ids, clock, *vault);
        kept = std::make_unique<BlobStore>(
            std::make_unique<DiskObjects>(dir.file("kept")),
            BlobCipher{[this] { return keys->newest(); }, [this](std::int64_t n) { return keys->find(n); }},
            dir.path());
        if (!kept->open()) throw std::runtime_error("kept");
        collector = std::make_unique<BlobCollector>(*store, clock, *kept, keys.get(), 24h);
        kept->beforePut([this](const std::string& sha256) { return collector->keep(sha256); });
    }
    std::string put(const std::string& bytes) { return kept->put(bytes)->sha256; }
    bool has(const std::string& sha256) { return kept->read(sha256).ok(); }
    BlobCollector::Round round() { return *collector->run({}); }
    FileRecord file(const std::string& bytes) {
        NewFile file;
        file.blob = *kept->put(bytes);
        file.name = "a.txt";
        file.type = {"text/plain", "document"};
        file.scan = "clean";
        return *records.add({kDefaultOrg, 1, 0, true}, file);
    }

    FileRecords records{*store, ids, clock, log};
    std::unique_ptr<Vault> vault;
    std::unique_ptr<BlobKeys> keys;
    std::unique_ptr<BlobStore> kept;
    std::unique_ptr<BlobCollector> collector;
};

}  // namespace

BOOST_AUTO_TEST_CASE(content_that_nobody_names_goes_after_the_grace_and_not_before) {
    Collecting hub;
    const std::string orphan = hub.put("orphan");

    BOOST_TEST(hub.round().marked == 1u);
    hub.clock.advance(23h);
    BOOST_TEST(hub.round().deleted == 0u);
    BOOST_TEST(hub.has(orphan));
    hub.clock.advance(2h);

    BOOST_TEST(hub.round().deleted == 1u);
    BOOST_TEST(!hub.has(orphan));
}

BOOST_AUTO_TEST_CASE(what_any_table_names_stays) {
    Collecting hub;
    const FileRecord file = hub.file("of a file");
    const std::string of_message = hub.put("of a message"), of_mail = hub.put("of a mail"),
                      of_picture = hub.put("of a picture");
    hub.write([&](Tx& tx) {
        tx.exec(
            "INSERT INTO attachments (message, ordinal, kind, source, mime, filename, blob, size, state, "
            "error)"
            " VALUES (1, 0, 'image', '{}', '', '', $1, 1, 'fetched', '')",
            {std::string_view(of_message)});
        tx.exec(
            "INSERT INTO raw_requests (id, org, account, method, target, headers, body, state, reason,"
            " received_at, blob) VALUES (1, 1, 1, 'MAIL', '', '[]', $1, 0, '', 0, $2)",
            {Blob{""}, std::string_view(of_mail)});
        tx.exec(
            "INSERT INTO thumbnails (sha256, variant, blob, size, created_at) VALUES ($1, 'small', $2, 1, 0)",
            {std::string_view(file.sha256), std::string_view(of_picture)});
    });

    for (int i = 0; i < 3; ++i) {
        BOOST_TEST(hub.round().deleted == 0u);
        hub.clock.advance(48h);
    }

    for (const std::string& name : {file.sha256, of_message, of_mail, of_picture}) BOOST_TEST(hub.has(name));
}

BOOST_AUTO_TEST_CASE(a_deleted_file_takes_its_content_and_its_thumbnails_with_it) {
    Collecting hub;
    const FileRecord file = hub.file("of a file");
    const std::string picture = hub.put("of a picture");
    hub.write([&](Tx& tx) {
        tx.exec(
            "INSERT INTO thumbnails (sha256, variant, blob, size, created_at) VALUES ($1, 'small', $2, 1, 0)",
            {std::string_view(file.sha256), std::string_view(picture)});
    });
    BOOST_REQUIRE(hub.records.remove(file).ok());

    for (int i = 0; i < 4; ++i) {
        hub.round();
        hub.clock.advance(25h);
    }

    BOOST_TEST(!hub.has(file.sha256));
    BOOST_TEST(!hub.has(picture));
}

BOOST_AUTO_TEST_CASE(who_puts_marked_content_again_has_the_whole_grace_to_name_it) {
    Collecting hub;
    const std::string name = hub.put("came twice");
    hub.round();
    hub.clock.advance(25h);

    hub.put("came twice");  // its row is not written yet

    BOOST_TEST(hub.round().deleted == 0u);
    BOOST_TEST(hub.has(name));
}

BOOST_AUTO_TEST_CASE(a_deletion_that_a_crash_cut_off_is_finished_and_nobody_relies_on_it_meanwhile) {
    Collecting hub;
    const std::string name = hub.put("half deleted");
    hub.write([&](Tx& tx) {
        tx.exec("INSERT INTO blob_marks (sha256, since, state) VALUES ($1, 0, 'deleting')",
                {std::string_view(name)});
    });

    BOOST_TEST(hub.kept->put("half deleted").error().code == "being_deleted");
    const auto named = hub.store->writeAndWait([&](Tx& tx) { unmarkBlob(tx, name); });
    BOOST_TEST((named.error().kind == ErrorKind::Conflict));
    BOOST_TEST(hub.round().deleted == 1u);
    BOOST_TEST(hub.kept->put("half deleted").ok());
    BOOST_TEST(hub.has(name));
}

BOOST_AUTO_TEST_CASE(uploads_deletions_and_collections_at_once_never_lose_what_is_named) {
    Collecting hub;
    std::atomic<bool> is_over{false};
    std::atomic<std::size_t> deleted{0};
    std::shared_mutex in_flight;
    std::jthread collecting([&] {
        while (!is_over) {
            // A day goes by, but not while somebody is between `put` and his commit.
            if (in_flight.try_lock()) {
                hub.clock.advance(25h);
                in_flight.unlock();
            }
            if (const auto round = hub.collector->run({})) deleted += round->deleted;
        }
    });
    const FileViewer viewer{kDefaultOrg, 1, 0, true};
    int taken = 0;
    for (int i = 0; i < 120; ++i) {
        std::optional<FileRecord> added;
        {
            std::shared_lock lock(in_flight);
            const auto blob = hub.kept->put("content " + std::to_string(i % 3));
            if (!blob) continue;  // is being deleted: who uploads comes again
            NewFile file{*blob, "a.txt", "private", "", "clean", "", {"text/plain", "document"}};
            const auto made = hub.records.add(viewer, file);
            if (!made) continue;
            added = *made;
        }
        ++taken;
        std::this_thread::sleep_for(2ms);
        BOOST_REQUIRE(hub.has(added->sha256));
        BOOST_REQUIRE(hub.records.remove(*added).ok());
    }
    is_over = true;
    BOOST_TEST(taken > 0);
    BOOST_TEST(deleted > 0u);
}

BOOST_AUTO_TEST_CASE(plain_content_and_content_under_an_old_key_is_encrypted_anew) {
    Collecting hub;
    BlobStore plain(hub.dir.file("kept"));
    const std::string bytes = "kept in plain sight";
    const FileRecord first = hub.file("under the first key");
    NewFile file{*plain.put(bytes), "b.txt", "private", "", "clean", "", {"text/plain", "document"}};
    const FileRecord old = *hub.records.add({kDefaultOrg, 1, 0, true}, file);
    BOOST_REQUIRE(hub.keys->add().ok());

    BOOST_TEST(hub.round().encrypted == 2u);

    BOOST_TEST(!plain.read(old.sha256).ok());
    BOOST_TEST(*hub.kept->read(old.sha256) == bytes);
    BOOST_TEST(hub.keys->count() == 2u);
    hub.clock.advance(25h);
    BOOST_TEST(hub.round().encrypted == 0u);
    BOOST_TEST(hub.keys->count() == 1u);
    BOOST_TEST(*hub.kept->read(first.sha256) == "under the first key");
    BOOST_TEST(hub.vault->rotate().ok());
    const auto again = BlobKeys::open(*hub.store, hub.ids, hub.clock, *hub.vault);
    BOOST_REQUIRE(again.ok());
    BOOST_TEST((*again)->newest().key.reveal() == hub.keys->newest().key.reveal());
}

}  // namespace signalbox
