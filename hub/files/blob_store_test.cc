#include "hub/files/blob_store.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace signalbox {
namespace {

namespace fs = std::filesystem;

struct Blobs {
    TempDir dir;
    BlobStore store{dir.file("blobs"), 1000};
    Blobs() { BOOST_REQUIRE(store.open().ok()); }
    std::size_t files() const {
        std::size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(dir.file("blobs")))
            count += entry.is_regular_file();
        return count;
    }
};

const std::string kHelloHash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

}  // namespace

BOOST_AUTO_TEST_CASE(what_was_put_is_read_back_under_its_hash) {
    Blobs blobs;

    const auto stored = blobs.store.put("hello");

    BOOST_REQUIRE(stored.ok());
    BOOST_TEST(stored->sha256 == kHelloHash);
    BOOST_TEST(stored->size == 5);
    BOOST_TEST(*blobs.store.read(kHelloHash) == "hello");
    BOOST_TEST(fs::exists(blobs.dir.file("blobs/2c/" + kHelloHash)));
}

BOOST_AUTO_TEST_CASE(the_same_content_twice_is_one_file) {
    Blobs blobs;

    BOOST_REQUIRE(blobs.store.put("hello").ok());
    BOOST_REQUIRE(blobs.store.put("hello").ok());

    BOOST_TEST(blobs.files() == 1U);
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_a_file) {
    Blobs blobs;

    const auto stored = blobs.store.put("");

    BOOST_REQUIRE(stored.ok());
    BOOST_TEST(*blobs.store.read(stored->sha256) == "");
}

BOOST_AUTO_TEST_CASE(more_than_the_limit_is_refused_and_leaves_nothing) {
    Blobs blobs;

    const auto stored = blobs.store.put(std::string(1001, 'x'));

    BOOST_REQUIRE(!stored.ok());
    BOOST_TEST(toString(stored.error().kind) == "invalid");
    BOOST_TEST(stored.error().code == "too_large");
    BOOST_TEST(blobs.files() == 0U);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_no_hash_never_becomes_a_path) {
    Blobs blobs;
    std::ofstream(blobs.dir.file("secret")) << "secret";

    for (const std::string& name :
         std::vector<std::string>{"../secret", "", "/etc/passwd", "ab", kHelloHash.substr(1)}) {
        BOOST_TEST(toString(blobs.store.read(name).error().kind) == "not_found");
    }
}

BOOST_AUTO_TEST_CASE(damage_on_disk_is_noticed) {
    Blobs blobs;
    BOOST_REQUIRE(blobs.store.put("hello").ok());
    std::ofstream(blobs.dir.file("blobs/2c/" + kHelloHash)) << "jello";

    const auto read = blobs.store.read(kHelloHash);

    BOOST_REQUIRE(!read.ok());
    BOOST_TEST(toString(read.error().kind) == "unavailable");
}

BOOST_AUTO_TEST_CASE(what_a_crash_left_half_written_is_gone_after_opening) {
    Blobs blobs;
    std::ofstream(blobs.dir.file("blobs/tmp/half")) << "hel";

    BOOST_REQUIRE(blobs.store.open().ok());

    BOOST_TEST(blobs.files() == 0U);
}

BOOST_AUTO_TEST_CASE(a_disk_that_refuses_is_an_error_that_may_pass) {
    TempDir dir;
    std::ofstream(dir.file("file")) << "in the way";
    BlobStore store(dir.file("file"));

    BOOST_TEST(toString(store.open().error().kind) == "unavailable");
    BOOST_TEST(toString(store.put("hello").error().kind) == "unavailable");
}

}  // namespace signalbox
