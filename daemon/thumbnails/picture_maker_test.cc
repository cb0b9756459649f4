#include "daemon/thumbnails/picture_maker.h"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "daemon/confined/confined_process.h"
#include "hub/files/image_metadata.h"
#include "tests/support/loopback_server.h"
#include "tests/support/temp_dir.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

// A picture in the plainest of formats.
std::string picture(int width, int height) {
    std::string out = "P6\n" + std::to_string(width) + ' ' + std::to_string(height) + "\n255\n";
    for (int i = 0; i < width * height; ++i) out += {static_cast<char>(i), static_cast<char>(i / width), 'x'};
    return out;
}

const std::string kPdf =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 600]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

// A film in the plainest of formats (YUV4MPEG2).
std::string film(int width, int height, int frames) {
    std::string out =
        "YUV4MPEG2 W" + std::to_string(width) + " H" + std::to_string(height) + " F5:1 C420jpeg\n";
    const auto pixels = static_cast<std::size_t>(width * height);
    for (int i = 0; i < frames; ++i)
        out += "FRAME\n" + std::string(pixels + pixels / 2, static_cast<char>(60 + i));
    return out;
}

struct Made {
    TempDir dir;
    PictureMaker maker{dir.path()};

    // Width and height, or the error's code.
    std::string make(const std::string& mime, const std::string& bytes, int side = 64) {
        const auto made = maker.make(mime, bytes, side);
        if (!made) return made.error().code;
        const auto size = imageSizeOf(*made);
        return std::to_string(size->width) + 'x' + std::to_string(size->height);
    }
    bool isEmpty() const { return std::filesystem::is_empty(dir.path()); }
};

bool isThere(const char* program) {
    const bool found = access(program, X_OK) == 0;
    if (!found) BOOST_TEST_MESSAGE("not there, skipped: " << program);
    return found;
}

Status shell(const TempDir& dir, const std::string& script, const ProcessLimits& limits = {}) {
    return runConfined("/bin/bash", {"-c", script}, dir.path(), limits);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_picture_becomes_small_and_nothing_is_left_of_the_work) {
    if (!isThere("/usr/bin/vipsthumbnail") && !isThere("/usr/bin/gdk-pixbuf-thumbnailer")) return;
    Made made;

    BOOST_TEST(made.make("image/png", picture(256, 128)) == "64x32");
    BOOST_TEST(made.make("image/jpeg", "no picture at all") == "no_thumbnail");
    BOOST_TEST(made.isEmpty());
}

BOOST_AUTO_TEST_CASE(a_pdf_shows_its_first_page) {
    if (!isThere("/usr/bin/pdftoppm")) return;
    Made made;

    BOOST_TEST(made.make("application/pdf", kPdf) == "32x64");
    BOOST_TEST(made.make("application/pdf", "%PDF-1.4 broken") == "no_thumbnail");
}

BOOST_AUTO_TEST_CASE(a_film_shows_a_frame) {
    if (!isThere("/usr/bin/ffmpegthumbnailer")) return;
    Made made;

    BOOST_TEST(made.make("video/mp4", film(128, 96, 20)) == "64x48");
    BOOST_TEST(made.isEmpty());
}

BOOST_AUTO_TEST_CASE(of_other_types_there_is_none_and_what_is_not_installed_is_said) {
    Made made;

    BOOST_TEST(made.make("text/plain", "hello") == "no_thumbnail");
    BOOST_TEST(made.make("image/svg+xml", "<svg/>") == "no_thumbnail");
    const bool has_films = access("/usr/bin/ffmpegthumbnailer", X_OK) == 0;
    BOOST_TEST(made.make("video/mp4", "no film") == (has_films ? "no_thumbnail" : "thumbnailer_missing"));
    BOOST_TEST((PictureMaker::missing().find("package ffmpegthumbnailer") == std::string::npos) == has_films);
}

BOOST_AUTO_TEST_CASE(a_confined_program_works_in_its_folder_and_nowhere_else) {
    TempDir dir, other;
    std::ofstream(other.file("secret")) << "secret";

    BOOST_TEST(shell(dir, "echo made > out && cat out").ok());
    BOOST_TEST(std::filesystem::exists(dir.file("out")));
    BOOST_TEST(!shell(dir, "cat " + other.file("secret")).ok());
    BOOST_TEST(!shell(dir, "cat /etc/passwd").ok());
    BOOST_TEST(!shell(dir, "echo x > " + other.file("new")).ok());
    BOOST_TEST(!shell(dir, "echo x > /tmp/confined-" + std::to_string(getpid())).ok());
    BOOST_TEST(!std::filesystem::exists(other.file("new")));
    BOOST_TEST(shell(dir, "test -z \"$SECRET_OF_THE_DAEMON\" && test $HOME = /nonexistent").ok());
    BOOST_TEST(shell(dir, "test $(ls /proc/self/fd 2>/dev/null | wc -l) -le 4").ok());
    BOOST_TEST((shell(dir, "exit 3").error().message == "/bin/bash: ended with 3"));
    BOOST_TEST((runConfined("/usr/bin/no-such-program", {}, dir.path()).error().code == "not_run"));
}

BOOST_AUTO_TEST_CASE(a_confined_program_reaches_no_network) {
    TempDir dir;
    LoopbackServer server([](LoopbackServer::Peer&) {});
    const std::string connect = "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(server.port());

    BOOST_TEST(!shell(dir, connect).ok());

    BOOST_TEST(server.accepted() == 0);
}

BOOST_AUTO_TEST_CASE(a_confined_program_ends_at_its_limits) {
    TempDir dir;
    ProcessLimits limits;
    limits.file_bytes = 10'000;
    limits.memory_bytes = 100u * 1024 * 1024;
    limits.time = 1s;

    BOOST_TEST(!shell(dir, "head -c 20000 /dev/zero > large", limits).ok());
    BOOST_TEST(std::filesystem::file_size(dir.file("large")) <= 10'000u);
    BOOST_TEST(!shell(dir, "x=$(printf '%200000000s')", limits).ok());
    BOOST_TEST((shell(dir, "sleep 30", limits).error().code == "timeout"));
    BOOST_TEST(!shell(dir, "while :; do :; done", limits).ok());
}

}  // namespace signalbox
