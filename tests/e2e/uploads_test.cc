// Uploads in pieces, through kill -9; stored content encrypted on disk and in a bucket; small pictures.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/fake_clamd.h"
#include "tests/support/fake_s3.h"
#include "tests/support/gateway.h"

namespace signalbox {
namespace {

std::string text(std::size_t size) {
    std::string out;
    while (out.size() < size) out += "line " + std::to_string(out.size()) + "\n";
    out.resize(size);
    return out;
}

struct Box : Gateway {
    explicit Box(const std::string& settings = "") : Gateway("  []\n" + settings) { start(); }

    HttpResponse send(const std::string& method, const std::string& target, const std::string& body = "",
                      Headers headers = {}) {
        HttpCall http(port(), token());
        auto response = http.send({method, target, std::move(headers), body, "", nullptr});
        if (!response) throw std::runtime_error(method + ' ' + target + ": no answer");
        return *response;
    }
    std::string begin(const std::string& name, std::size_t size) {
        const auto answer = send("POST", "/api/v1/uploads", dumpJson({{"name", name}, {"size", size}}),
                                 {{"content-type", "application/json"}});
        BOOST_REQUIRE_MESSAGE(answer.status == 201, answer.body);
        return std::string(answer.headers.get("location"));
    }
    HttpResponse piece(const std::string& upload, const std::string& bytes, std::size_t at,
                       const std::string& checksum = "") {
        Headers headers{{"content-type", "application/offset+octet-stream"},
                        {"upload-offset", std::to_string(at)}};
        if (!checksum.empty()) headers.add("upload-checksum", "sha256 " + toBase64(checksum));
        return send("PATCH", upload, bytes, std::move(headers));
    }
    std::string contentOf(const Json& file, Headers headers = {}) {
        return send("GET", "/api/v1/files/" + textAt(file, "id") + "/content", "", std::move(headers)).body;
    }
    bool isOnDisk(const std::string& bytes) const {
        for (const auto& file : std::filesystem::recursive_directory_iterator(data())) {
            if (!file.is_regular_file()) continue;
            std::ifstream in(file.path(), std::ios::binary);
            if (std::string(std::istreambuf_iterator<char>(in), {}).find(bytes) != std::string::npos)
                return true;
        }
        return false;
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(an_upload_goes_on_after_kill_9_where_its_last_answered_piece_ended) {
    Box box;
    const std::string bytes = text(5'000'000);
    const std::string upload = box.begin("story.txt", bytes.size());

    const auto first = box.piece(upload, bytes.substr(0, 3'000'000), 0);
    BOOST_TEST(first.status == 204);
    BOOST_TEST(first.headers.get("upload-offset") == "3000000");
    box.kill9();
    box.start();

    const auto where = box.send("GET", upload);
    BOOST_TEST(where.headers.get("upload-offset") == "3000000");
    BOOST_TEST(box.piece(upload, "x", 0).status == 409);
    const std::string rest = bytes.substr(3'000'000);
    BOOST_TEST(box.piece(upload, rest, 3'000'000, "no such hash").status == 422);
    const auto last = box.piece(upload, rest, 3'000'000, hash(HashAlgorithm::Sha256, rest));
    BOOST_REQUIRE_MESSAGE(last.status == 200, last.body);
    const Json file = parseJson(last.body)->at("file");
    BOOST_TEST((box.contentOf(file) == bytes));
    // The answer to the last piece was lost: asked again, it is the same file.
    const auto again = box.piece(upload, rest, 3'000'000);
    BOOST_TEST(again.status == 200);
    BOOST_TEST(textAt(parseJson(again.body)->at("file"), "id") == textAt(file, "id"));
    BOOST_TEST(box.call().json("/api/v1/files")["items"].size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_stored_cannot_be_read_from_the_disk_and_still_comes_in_parts) {
    Box box;
    const std::string bytes = text(500'000), canary = bytes.substr(400'000, 60);
    const std::string upload = box.begin("story.bin.txt", bytes.size());

    const auto done = box.piece(upload, bytes, 0);

    BOOST_REQUIRE_MESSAGE(done.status == 200, done.body);
    const Json file = parseJson(done.body)->at("file");
    BOOST_TEST(!box.isOnDisk(canary));
    BOOST_TEST((box.contentOf(file, {{"range", "bytes=400000-400059"}}) == canary));
    const auto rotated = box.send("POST", "/api/v1/vault/rotate");
    BOOST_REQUIRE_MESSAGE(rotated.status < 300, rotated.body);
    box.stop();
    box.start();
    BOOST_TEST((box.contentOf(file) == bytes));
}

BOOST_AUTO_TEST_CASE(a_bucket_holds_the_content_when_it_is_told_to) {
    testing::FakeS3 s3;
    Box box("files:\n  store: s3\n  s3: {endpoint: \"" + s3.url() +
            "\", region: " + testing::FakeS3::kRegion + ", bucket: " + testing::FakeS3::kBucket +
            ", prefix: box/, access_key: " + testing::FakeS3::kAccessKey + ", secret_key: \"" +
            testing::FakeS3::kSecretKey + "\"}\n");
    const std::string bytes = text(20'000'000);
    const std::string upload = box.begin("story.txt", bytes.size());

    const auto done = box.piece(upload, bytes, 0);

    BOOST_REQUIRE_MESSAGE(done.status == 200, done.body);
    const Json file = parseJson(done.body)->at("file");
    BOOST_TEST(s3.objects().size() == 1u);
    BOOST_TEST(s3.objects().begin()->first.starts_with("box/" + textAt(file, "sha256").substr(0, 2) + '/'));
    BOOST_TEST(s3.partsTaken() == 3u);
    BOOST_TEST((box.contentOf(file) == bytes));
    BOOST_TEST(
        (box.contentOf(file, {{"range", "bytes=15000000-15000099"}}) == bytes.substr(15'000'000, 100)));
    s3.fail(100);
    const auto away = box.send("GET", "/api/v1/files/" + textAt(file, "id") + "/content");
    BOOST_TEST(away.status == 503);
    BOOST_TEST(textAt(*parseJson(away.body), "code") == "file_store");
}

BOOST_AUTO_TEST_CASE(what_the_scanner_finds_is_kept_and_given_to_nobody) {
    testing::FakeClamd clamd;
    Box box("files: {clamd: \"" + clamd.address() + "\"}\n");
    const auto store = [&](const std::string& name, const std::string& bytes) {
        return parseJson(box.piece(box.begin(name, bytes.size()), bytes, 0).body)->at("file");
    };
    const auto codeOf = [&](const Json& file, const std::string& below) {
        const auto answer = box.send("GET", "/api/v1/files/" + textAt(file, "id") + below);
        return std::to_string(answer.status) +
               (answer.status < 300 ? "" : ' ' + textAt(*parseJson(answer.body), "code"));
    };

    const Json bad = store("bad.txt", "this is EICAR"), good = store("good.txt", "this is fine");
    clamd.setAway(true);
    const Json unseen = store("unseen.txt", "this is EICAR too");

    BOOST_TEST(textAt(bad, "scan") == "infected");
    BOOST_TEST(codeOf(bad, "/content") == "403 file_infected");
    BOOST_TEST(codeOf(bad, "/thumbnail") == "403 file_infected");
    BOOST_TEST(codeOf(good, "/content") == "200");
    BOOST_TEST(codeOf(unseen, "/content") == "503 file_not_scanned");
    clamd.setAway(false);
    BOOST_TEST(codeOf(unseen, "/content") == "403 file_infected");
}

BOOST_AUTO_TEST_CASE(a_pdf_has_a_small_picture_once_somebody_asks) {
    Box box;
    const std::string pdf =
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count "
        "1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 600]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
    const std::string upload = box.begin("plan.pdf", pdf.size());
    const Json file = parseJson(box.piece(upload, pdf, 0).body)->at("file");
    const std::string path = "/api/v1/files/" + textAt(file, "id") + "/thumbnail";

    const auto picture = box.send("GET", path);

    if (access("/usr/bin/pdftoppm", X_OK) != 0) {
        BOOST_TEST(textAt(*parseJson(picture.body), "code") == "thumbnailer_missing");
        return;
    }
    BOOST_REQUIRE_MESSAGE(picture.status == 200, picture.body);
    BOOST_TEST(picture.headers.get("content-type") == "image/jpeg");
    BOOST_TEST(picture.body.starts_with("\xff\xd8"));
    BOOST_TEST(box.send("GET", path).body == picture.body);
    BOOST_TEST(
        box.send("GET", path, "", {{"if-none-match", std::string(picture.headers.get("etag"))}}).status ==
        304);
    BOOST_TEST(box.send("GET", path + "?size=huge").status == 422);
}

}  // namespace signalbox
