#include "hub/files/disk_objects.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/crypto.h"

namespace signalbox {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 1024 * 1024;

Error diskError(const std::string& what, const std::string& why) {
    return {ErrorKind::Unavailable, "file store: " + what + ": " + why, {}, "disk"};
}

Error diskError(const std::string& what, int error) {
    return diskError(what, std::generic_category().message(error));
}

class Descriptor {
public:
    Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

private:
    const int fd_;
};

class DiskReader : public ObjectReader {
public:
    explicit DiskReader(const fs::path& path) : fd_(path, O_RDONLY) {
        struct stat facts {};
        if (fd_.get() >= 0 && ::fstat(fd_.get(), &facts) == 0)
            size_ = static_cast<std::uint64_t>(facts.st_size);
    }
    bool isOpen() const { return fd_.get() >= 0; }
    std::uint64_t size() const override { return size_; }
    Result<std::string> read(std::uint64_t offset, std::size_t length) override {
        std::string piece(length, '\0');
        std::size_t got = 0;
        while (got < length) {
            const auto n =
                ::pread(fd_.get(), piece.data() + got, length - got, static_cast<off_t>(offset + got));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return diskError("read", errno);
            if (n == 0) break;
            got += static_cast<std::size_t>(n);
        }
        piece.resize(got);
        return piece;
    }

private:
    const Descriptor fd_;
    std::uint64_t size_ = 0;
};

Status writeAll(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return diskError("write", errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return Done{};
}

// A name is on disk only when its folder is.
Status syncFolder(const fs::path& folder) {
    const Descriptor fd(folder, O_RDONLY | O_DIRECTORY);
    if (fd.get() < 0 || ::fsync(fd.get()) != 0) return diskError("sync folder", errno);
    return Done{};
}

Status writeFile(const fs::path& path, ObjectSource& source) {
    const Descriptor fd(path, O_WRONLY | O_CREAT | O_EXCL);
    if (fd.get() < 0) return diskError("create", errno);
    while (true) {
        const auto piece = source.next(kPiece);
        if (!piece) return piece.error();
        if (piece->empty()) break;
        if (auto written = writeAll(fd.get(), *piece); !written) return written;
    }
    if (::fsync(fd.get()) != 0) return diskError("sync", errno);
    return Done{};
}

Status makeFolder(const fs::path& folder) {
    std::error_code error;
    if (!fs::create_directories(folder, error) && !error) return Done{};
    if (error) return diskError("make folder", error.message());
    return syncFolder(folder.parent_path());
}

}  // namespace

fs::path DiskObjects::pathOf(const std::string& name) const {
    return root_ / name.substr(0, 2) / name;
}

Status DiskObjects::open() {
    std::error_code error;
    fs::remove_all(root_ / "tmp", error);
    if (error) return diskError("clear half-written files", error.message());
    fs::create_directories(root_ / "tmp", error);
    if (error) return diskError("make folder", error.message());
    return syncFolder(root_);
}

Result<bool> DiskObjects::has(const std::string& name) {
    std::error_code error;
    const bool is_there = fs::exists(pathOf(name), error);
    if (error) return diskError("look", error.message());
    return is_there;
}

Status DiskObjects::put(const std::string& name, ObjectSource& source) {
    const fs::path path = pathOf(name);
    if (auto made = makeFolder(path.parent_path()); !made) return made;
    const fs::path half = root_ / "tmp" / toHex(randomBytes(16));
    auto written = writeFile(half, source);
    if (written && ::rename(half.c_str(), path.c_str()) != 0) written = diskError("rename", errno);
    if (!written) {
        std::error_code error;
        fs::remove(half, error);
        return written;
    }
    return syncFolder(path.parent_path());
}

Result<std::unique_ptr<ObjectReader>> DiskObjects::read(const std::string& name) {
    auto reader = std::make_unique<DiskReader>(pathOf(name));
    if (!reader->isOpen()) {
        if (errno != ENOENT) return diskError("open", errno);
        return Error{ErrorKind::NotFound, "file store: no such file", {}, "not_found"};
    }
    return std::unique_ptr<ObjectReader>(std::move(reader));
}

Status DiskObjects::remove(const std::string& name) {
    std::error_code error;
    fs::remove(pathOf(name), error);
    if (error) return diskError("remove", error.message());
    return Done{};
}

Status DiskObjects::list(const std::function<void(const std::string&)>& tell, const std::stop_token& stop) {
    std::error_code error;
    for (fs::directory_iterator folder(root_, error), end; !error && folder != end; folder.increment(error)) {
        if (folder->path().filename() == "tmp" || !folder->is_directory()) continue;
        std::error_code inner;
        for (fs::directory_iterator file(folder->path(), inner), last; !inner && file != last;
             file.increment(inner)) {
            if (stop.stop_requested()) return Done{};
            tell(file->path().filename().string());
        }
    }
    if (error) return diskError("list", error.message());
    return Done{};
}

}  // namespace signalbox
