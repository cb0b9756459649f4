#include "hub/files/uploads.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

struct Uploading : OutboxFixture {
    Uploading() {
        if (!uploads.open()) throw std::runtime_error("uploads");
    }
    NewUpload what(std::int64_t size) {
        NewUpload what;
        what.name = "plan.txt";
        what.size = size;
        return what;
    }
    Upload begin(std::int64_t size) { return *uploads.begin(ada, what(size), 0); }
    std::string append(const Upload& upload, std::int64_t offset, std::string_view bytes) {
        const auto at = uploads.append(upload, offset, bytes);
        return at ? std::to_string(*at) : at.error().code;
    }

    const FileViewer ada{kDefaultOrg, 1, 0, true}, bob{kDefaultOrg, 2, 0, true}, stranger{77, 1, 0, true};
    Uploads uploads{*store, ids, clock, dir.file("uploads")};
};

}  // namespace

BOOST_AUTO_TEST_CASE(pieces_come_one_after_the_other_and_a_new_process_knows_how_far_it_was) {
    Uploading hub;
    const Upload upload = hub.begin(10);

    BOOST_TEST(hub.append(upload, 0, "hello") == "5");
    Uploads after_crash(*hub.store, hub.ids, hub.clock, hub.dir.file("uploads"));
    BOOST_TEST(after_crash.find(hub.ada, upload.id)->offset == 5);
    BOOST_TEST(hub.append(upload, 0, "hello") == "offset_conflict");
    BOOST_TEST(hub.append(upload, 7, "x") == "offset_conflict");
    BOOST_TEST(hub.append(upload, 5, "world!") == "upload_too_long");
    BOOST_TEST(*after_crash.append(upload, 5, "world") == 10);

    BOOST_TEST((*hub.uploads.content(upload))->bytes() == "helloworld");
}

BOOST_AUTO_TEST_CASE(an_upload_is_its_owners_until_its_end) {
    Uploading hub;
    const Upload upload = hub.begin(10);
    hub.append(upload, 0, "hello");

    BOOST_TEST(!hub.uploads.find(hub.bob, upload.id).has_value());
    BOOST_TEST(!hub.uploads.find(hub.stranger, upload.id).has_value());
    BOOST_TEST(hub.uploads.find(hub.ada, upload.id).has_value());
    hub.clock.advance(25h);
    BOOST_TEST(!hub.uploads.find(hub.ada, upload.id).has_value());
    BOOST_TEST(*hub.uploads.dropOld() == 1u);
    BOOST_TEST(std::filesystem::is_empty(hub.dir.file("uploads")));
}

BOOST_AUTO_TEST_CASE(what_is_announced_counts_against_the_quota) {
    Uploading hub;

    BOOST_TEST(hub.uploads.begin(hub.ada, hub.what(600), 1000).ok());
    BOOST_TEST(hub.uploads.begin(hub.ada, hub.what(600), 1000).error().code == "quota_reached");
    BOOST_TEST(hub.uploads.begin(hub.stranger, hub.what(600), 1000).ok());
}

BOOST_AUTO_TEST_CASE(an_upload_becomes_one_file_also_when_its_end_is_asked_for_twice) {
    Uploading hub;
    const Upload upload = hub.begin(5);
    FileRecords records(*hub.store, hub.ids, hub.clock, hub.log);
    NewFile file{*hub.blobs.put("hello"), "plan.txt", "private", "", "clean", "", {"text/plain", "document"}};
    file.upload = upload.id;

    const auto first = records.add(hub.ada, file);
    const auto second = records.add(hub.ada, file);

    BOOST_REQUIRE(first.ok());
    BOOST_TEST(second.error().code == "upload_finished");
    BOOST_TEST(hub.uploads.find(hub.ada, upload.id)->file == first->id);
}

BOOST_AUTO_TEST_CASE(two_files_at_once_do_not_both_find_the_last_room) {
    Uploading hub;
    FileRecords records(*hub.store, hub.ids, hub.clock, hub.log);
    const auto add = [&](const std::string& bytes) {
        NewFile file{*hub.blobs.put(bytes), "a.txt", "private", "", "clean", "", {"text/plain", "document"}};
        file.quota_bytes = 10;
        const auto added = records.add(hub.ada, file);
        return added ? "" : added.error().code;
    };

    BOOST_TEST(add("123456") == "");
    BOOST_TEST(add("123456") == "");  // the same content takes no more room
    BOOST_TEST(add("abcdef") == "quota_reached");
}

}  // namespace signalbox
