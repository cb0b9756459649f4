#include "daemon/thumbnails/picture_maker.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <vector>

#include "daemon/confined/confined_process.h"
#include "daemon/confined/work_folder.h"
#include "hub/files/image_metadata.h"

namespace signalbox {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t kMaxPicture = 4 * 1024 * 1024;

struct Maker {
    const char *program, *package, *output;
    std::vector<std::string> (*arguments)(const std::string& side);
};

// The first that is installed is used. vips reads more kinds of pictures and needs less memory.
const Maker kImageMakers[] = {
    {"/usr/bin/vipsthumbnail", "libvips-tools", "out.jpg",
     [](const std::string& side) {
         return std::vector<std::string>{"in", "--size", side + "x" + side + ">", "-o",
                                         "out.jpg[Q=82,strip]"};
     }},
    {"/usr/bin/gdk-pixbuf-thumbnailer", "libgdk-pixbuf2.0-bin", "out.png",
     [](const std::string& side) {
         return std::vector<std::string>{"-s", side, "in", "out.png"};
     }},
};
const Maker kPdfMakers[] = {
    {"/usr/bin/pdftoppm", "poppler-utils", "out.jpg",
     [](const std::string& side) {
         return std::vector<std::string>{"-f",    "1",         "-l", "1",  "-singlefile",
                                         "-jpeg", "-scale-to", side, "in", "out"};
     }},
};
const Maker kVideoMakers[] = {
    {"/usr/bin/ffmpegthumbnailer", "ffmpegthumbnailer", "out.jpg",
     [](const std::string& side) {
         return std::vector<std::string>{"-i", "in", "-o", "out.jpg", "-c", "jpeg", "-s", side};
     }},
};

std::span<const Maker> makersOf(std::string_view mime) {
    if (mime == "application/pdf") return kPdfMakers;
    if (mime.starts_with("video/")) return kVideoMakers;
    if (mime.starts_with("image/") && mime != "image/svg+xml") return kImageMakers;
    return {};
}

const Maker* installedOf(std::span<const Maker> makers) {
    for (const Maker& maker : makers)
        if (access(maker.program, X_OK) == 0) return &maker;
    return nullptr;
}

Error noThumbnail(const std::string& why) {
    return {ErrorKind::Rejected, "thumbnail: " + why, {}, "no_thumbnail"};
}

}  // namespace

std::string PictureMaker::missing() {
    std::string text;
    for (const auto& [what, makers] : {std::pair<const char*, std::span<const Maker>>{"images", kImageMakers},
                                       {"PDF", kPdfMakers},
                                       {"video", kVideoMakers}}) {
        if (installedOf(makers) == nullptr)
            text += (text.empty() ? "" : ", ") + std::string(what) + " (package " + makers[0].package + ")";
    }
    return text;
}

Result<std::string> PictureMaker::make(std::string_view mime, std::string_view bytes, int side) {
    if (!free_.try_acquire_for(5s))
        return Error{ErrorKind::Unavailable, "thumbnail: others are being made", 2s, "thumbnailer_busy"};
    const WorkFolder work(folder_);
    Result<std::string> made = Error{ErrorKind::Unavailable, "thumbnail: no folder to work in", {}, "disk"};
    if (!work.path().empty()) made = makeIn(work.path(), mime, bytes, side);
    free_.release();
    return made;
}

Result<std::string> PictureMaker::makeIn(const std::string& work, std::string_view mime,
                                         std::string_view bytes, int side) {
    const auto makers = makersOf(mime);
    if (makers.empty()) return noThumbnail("there is none of type " + std::string(mime));
    const Maker* maker = installedOf(makers);
    if (maker == nullptr)
        return Error{
            ErrorKind::Unavailable,
            std::string("thumbnail: install the package ") + makers[0].package + " on the daemon's machine",
            {},
            "thumbnailer_missing"};
    {
        std::ofstream in(work + "/in", std::ios::binary);
        in.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (!in.flush()) return Error{ErrorKind::Unavailable, "thumbnail: the disk is full", {}, "disk"};
    }
    const Status run = runConfined(maker->program, maker->arguments(std::to_string(side)), work);
    if (!run && run.error().code == "not_run") return run.error();
    if (!run) return noThumbnail(run.error().message);
    const std::string path = work + "/" + maker->output;
    std::error_code error;
    // What a program of foreign bytes leaves behind is foreign as well.
    if (!fs::is_regular_file(fs::symlink_status(path, error)) || fs::file_size(path, error) > kMaxPicture)
        return noThumbnail("the program left no picture");
    std::ifstream out(path, std::ios::binary);
    const std::string picture(std::istreambuf_iterator<char>(out), {});
    const auto size = imageSizeOf(picture);
    auto clean = withoutMetadata(picture);
    if (!size || !clean || size->width > 4'096 || size->height > 4'096)
        return noThumbnail("the program left no picture");
    return *std::move(clean);
}

}  // namespace signalbox
