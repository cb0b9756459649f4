#include "workflow/sheets/zip_archive.h"

#include <minizip/unzip.h>

#include <vector>

namespace signalbox::workflow {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr int kAnyCase = 2;                           // names compare so in every office's files
constexpr std::uint64_t kTrusted = 32 * 1024 * 1024;  // up to here nobody looks how tightly it is packed
constexpr std::uint64_t kTightest = 400;              // sheets of one repeated row come to about 200

struct Cursor {
    const TempFile* file;
    std::uint64_t at = 0;
};

Cursor& cursorOf(void* stream) {
    return *static_cast<Cursor*>(stream);
}

// minizip's way to read: seekable, over the file that is in `opaque`.
zlib_filefunc64_def functionsOver(const TempFile& file) {
    zlib_filefunc64_def out{};
    out.opaque = const_cast<TempFile*>(&file);
    out.zopen64_file = [](void* opaque, const void*, int) -> void* {
        return new Cursor{static_cast<const TempFile*>(opaque)};
    };
    out.zread_file = [](void*, void* stream, void* buffer, uLong size) -> uLong {
        auto& cursor = cursorOf(stream);
        const auto got = cursor.file->read(cursor.at, static_cast<char*>(buffer), size);
        if (got > 0) cursor.at += static_cast<std::uint64_t>(got);
        return got < 0 ? 0 : static_cast<uLong>(got);
    };
    out.zwrite_file = [](void*, void*, const void*, uLong) -> uLong { return 0; };
    out.ztell64_file = [](void*, void* stream) -> ZPOS64_T { return cursorOf(stream).at; };
    out.zseek64_file = [](void*, void* stream, ZPOS64_T offset, int origin) -> long {
        auto& cursor = cursorOf(stream);
        const std::uint64_t from = origin == ZLIB_FILEFUNC_SEEK_CUR   ? cursor.at
                                   : origin == ZLIB_FILEFUNC_SEEK_END ? cursor.file->size()
                                                                      : 0;
        if (from + offset > cursor.file->size()) return -1;
        cursor.at = from + offset;
        return 0;
    };
    out.zclose_file = [](void*, void* stream) -> int {
        delete &cursorOf(stream);
        return 0;
    };
    out.zerror_file = [](void*, void*) -> int { return 0; };
    return out;
}

Error damaged(const std::string& member, const char* what) {
    return {ErrorKind::Invalid, member + ": " + what, {}, "bad_spreadsheet"};
}

}  // namespace

Result<std::unique_ptr<ZipArchive>> ZipArchive::open(const TempFile& file) {
    auto functions = functionsOver(file);
    void* archive = ::unzOpen2_64("", &functions);
    if (archive == nullptr)
        return Error{ErrorKind::Invalid,
                     "is no whole ZIP file, as .xlsx files are; upload it again",
                     {},
                     "bad_spreadsheet"};
    return std::unique_ptr<ZipArchive>(new ZipArchive(archive));
}

ZipArchive::~ZipArchive() {
    ::unzClose(archive_);
}

bool ZipArchive::has(const std::string& member) const {
    return ::unzLocateFile(archive_, member.c_str(), kAnyCase) == UNZ_OK;
}

Status ZipArchive::read(const std::string& member, std::uint64_t max,
                        const std::function<Status(std::string_view)>& take) {
    if (!has(member)) return Error{ErrorKind::NotFound, member + " is not in it", {}, "bad_spreadsheet"};
    unz_file_info64 info{};
    ::unzGetCurrentFileInfo64(archive_, &info, nullptr, 0, nullptr, 0, nullptr, 0);
    if ((info.flag & 1U) != 0) return damaged(member, "is encrypted; save it without a password");
    if (::unzOpenCurrentFile(archive_) != UNZ_OK) return damaged(member, "cannot be unpacked");
    std::vector<char> buffer(kPiece);
    std::uint64_t total = 0;
    Status result = Done{};
    while (result.ok()) {
        const int got = ::unzReadCurrentFile(archive_, buffer.data(), static_cast<unsigned>(buffer.size()));
        if (got < 0) result = damaged(member, "cannot be unpacked; the file is damaged");
        if (got <= 0) break;
        total += static_cast<std::uint64_t>(got);
        if (total > max) {
            result = damaged(member, "is too large unpacked; split the sheet");
        } else if (total > kTrusted && total / kTightest > info.compressed_size) {
            result = damaged(member, "unpacks to more than a sheet does; save it anew");
        } else {
            result = take({buffer.data(), static_cast<std::size_t>(got)});
        }
    }
    const int closed = ::unzCloseCurrentFile(archive_);
    if (result.ok() && closed == UNZ_CRCERROR) return damaged(member, "is damaged: its checksum is wrong");
    return result;
}

}  // namespace signalbox::workflow
