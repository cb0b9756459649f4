#include "daemon/storage/s3_objects.h"

#include <boost/test/unit_test.hpp>
#include <set>

#include "hub/files/blob_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_s3.h"
#include "tests/support/temp_dir.h"

namespace signalbox {
namespace {

struct Bucket {
    explicit Bucket(const std::string& secret = testing::FakeS3::kSecretKey) {
        AddressPolicy here;
        here.allow_any = here.any_port = true;
        http = makeHttpClient(here);
        S3Options options;
        options.endpoint = s3.url();
        options.region = testing::FakeS3::kRegion;
        options.bucket = testing::FakeS3::kBucket;
        options.prefix = "box 1/";
        options.access_key = testing::FakeS3::kAccessKey;
        options.secret_key = Secret(secret);
        options.part_bytes = 100'000;
        objects = *S3Objects::create(options, *http, clock);
    }
    Status put(const std::string& name, const std::string& bytes) {
        MemorySource source(bytes);
        return objects->put(name, source);
    }
    std::string whole(const std::string& name) {
        auto reader = objects->read(name);
        if (!reader) return reader.error().code;
        const auto bytes = (*reader)->read(0, static_cast<std::size_t>((*reader)->size()));
        return bytes ? *bytes : bytes.error().code;
    }

    testing::FakeS3 s3;
    SystemClock clock;
    std::unique_ptr<HttpClient> http;
    std::unique_ptr<S3Objects> objects;
};

std::string text(std::size_t size) {
    std::string out;
    while (out.size() < size) out += "line " + std::to_string(out.size()) + "\n";
    out.resize(size);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(objects_are_stored_read_in_parts_listed_and_removed) {
    Bucket bucket;
    BOOST_REQUIRE(bucket.objects->open().ok());

    for (const char* name : {"aa11", "aa22", "bb33"})
        BOOST_TEST(bucket.put(name, std::string("of ") + name).ok());

    BOOST_TEST(bucket.s3.objects().count("box 1/aa/aa11") == 1u);
    BOOST_TEST(*bucket.objects->has("aa11"));
    BOOST_TEST(!*bucket.objects->has("aa99"));
    BOOST_TEST(*(*bucket.objects->read("bb33"))->read(3, 2) == "bb");
    BOOST_TEST(bucket.whole("aa99") == "not_found");
    std::set<std::string> names;
    BOOST_TEST(bucket.objects->list([&](const std::string& name) { names.insert(name); }, {}).ok());
    BOOST_TEST((names == std::set<std::string>{"aa11", "aa22", "bb33"}));
    BOOST_TEST(bucket.objects->remove("aa11").ok());
    BOOST_TEST(bucket.objects->remove("aa11").ok());
    BOOST_TEST(!*bucket.objects->has("aa11"));
}

BOOST_AUTO_TEST_CASE(a_large_object_goes_up_in_parts_and_is_there_all_at_once) {
    Bucket bucket;
    const std::string bytes = text(450'001);

    BOOST_TEST(bucket.put("large", bytes).ok());

    BOOST_TEST(bucket.s3.partsTaken() == 5u);
    BOOST_TEST(bucket.s3.openUploads() == 0u);
    BOOST_TEST((bucket.whole("large") == bytes));
}

BOOST_AUTO_TEST_CASE(what_fails_for_a_moment_is_tried_again_and_what_goes_on_failing_leaves_nothing_behind) {
    Bucket bucket;

    bucket.s3.fail(2);
    BOOST_TEST(bucket.put("aa11", "content").ok());
    bucket.s3.fail(100);
    const auto refused = bucket.put("bb22", "content");
    bucket.s3.fail(0);

    BOOST_TEST((refused.error().kind == ErrorKind::Unavailable));
    BOOST_TEST(refused.error().message == "s3 store: answered with HTTP status 503 (SlowDown)");
    BOOST_TEST(bucket.s3.objects().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_wrong_key_stops_the_start_with_a_word_about_it) {
    Bucket bucket("another secret");

    BOOST_TEST(bucket.objects->open().error().message ==
               "files.s3: the key may not use bucket files (access_key, secret_key, or its policy)");
    BOOST_TEST(bucket.put("aa11", "content").error().message.find("SignatureDoesNotMatch") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_blob_store_keeps_its_content_there_encrypted_and_reads_any_part) {
    Bucket bucket;
    TempDir dir;
    const BlobKey key{1, Secret(std::string(32, 'k'))};
    const std::string bytes = text(300'000);
    S3Options options;
    BlobStore blobs(std::move(bucket.objects),
                    {[&] { return key; }, [&](std::int64_t) { return std::optional(key.key); }}, dir.path());

    const auto stored = blobs.put(bytes);

    BOOST_REQUIRE(stored.ok());
    BOOST_TEST((*blobs.read(stored->sha256) == bytes));
    const auto part = blobs.open(stored->sha256, 200'000, 1'000);
    BOOST_REQUIRE(part.ok());
    BOOST_TEST((*(*part)->next(5'000) == bytes.substr(200'000, 1'000)));
    for (const auto& [name, content] : bucket.s3.objects())
        BOOST_TEST((content.find("line 1") == std::string::npos), name);
}

}  // namespace signalbox
