#include "hub/files/blob_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/crypto.h"

namespace signalbox {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHexDigits = 64;

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

class BlobSource : public BodySource {
public:
    BlobSource(const fs::path& path, std::uint64_t offset, std::uint64_t length)
        : fd_(path, O_RDONLY), at_(offset), left_(length), size_(length) {}
    bool isOpen() const { return fd_.get() >= 0; }
    std::uint64_t size() const override { return size_; }
    std::optional<std::string> next(std::size_t max) override {
        std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(left_, max)), '\0');
        const auto n = ::pread(fd_.get(), piece.data(), piece.size(), static_cast<off_t>(at_));
        if (n < 0 || (n == 0 && !piece.empty())) return std::nullopt;
        piece.resize(static_cast<std::size_t>(n));
        at_ += piece.size();
        left_ -= piece.size();
        return piece;
    }

private:
    const Descriptor fd_;
    std::uint64_t at_, left_;
    const std::uint64_t size_;
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

Status writeFile(const fs::path& path, std::string_view bytes) {
    const Descriptor fd(path, O_WRONLY | O_CREAT | O_EXCL);
    if (fd.get() < 0) return diskError("create", errno);
    if (auto written = writeAll(fd.get(), bytes); !written) return written;
    if (::fsync(fd.get()) != 0) return diskError("sync", errno);
    return Done{};
}

Status makeFolder(const fs::path& folder) {
    std::error_code error;
    if (!fs::create_directories(folder, error) && !error) return Done{};
    if (error) return diskError("make folder", error.message());
    return syncFolder(folder.parent_path());
}

bool isSha256(std::string_view text) {
    return text.size() == kHexDigits && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

}  // namespace

BlobStore::BlobStore(fs::path root, std::size_t max_bytes) : root_(std::move(root)), max_bytes_(max_bytes) {}

Status BlobStore::open() {
    std::error_code error;
    fs::remove_all(root_ / "tmp", error);
    if (error) return diskError("clear half-written files", error.message());
    fs::create_directories(root_ / "tmp", error);
    if (error) return diskError("make folder", error.message());
    return syncFolder(root_);
}

fs::path BlobStore::pathOf(std::string_view sha256) const {
    return root_ / sha256.substr(0, 2) / sha256;
}

Result<StoredBlob> BlobStore::put(std::string_view bytes) const {
    if (bytes.size() > max_bytes_) {
        return Error{ErrorKind::Invalid,
                     "file store: " + std::to_string(bytes.size()) + " bytes are more than the " +
                         std::to_string(max_bytes_) + " allowed",
                     {},
                     "too_large"};
    }
    const StoredBlob blob{toHex(hash(HashAlgorithm::Sha256, bytes)), static_cast<std::int64_t>(bytes.size())};
    const fs::path path = pathOf(blob.sha256);
    std::error_code error;
    if (fs::exists(path, error)) return blob;
    if (auto made = makeFolder(path.parent_path()); !made) return made.error();
    const fs::path half = root_ / "tmp" / toHex(randomBytes(16));
    auto written = writeFile(half, bytes);
    if (written && ::rename(half.c_str(), path.c_str()) != 0) written = diskError("rename", errno);
    if (!written) {
        fs::remove(half, error);
        return written.error();
    }
    if (auto synced = syncFolder(path.parent_path()); !synced) return synced.error();
    return blob;
}

Result<std::unique_ptr<BodySource>> BlobStore::open(std::string_view sha256, std::uint64_t offset,
                                                    std::uint64_t length) const {
    const Error missing{ErrorKind::NotFound, "file store: no such file", {}, "not_found"};
    if (!isSha256(sha256)) return missing;
    auto source = std::make_unique<BlobSource>(pathOf(sha256), offset, length);
    if (!source->isOpen()) return missing;
    return std::unique_ptr<BodySource>(std::move(source));
}

Result<std::string> BlobStore::read(std::string_view sha256) const {
    const Error missing{ErrorKind::NotFound, "file store: no such file", {}, "not_found"};
    if (!isSha256(sha256)) return missing;  // never a path of the caller's making
    std::ifstream file(pathOf(sha256), std::ios::binary);
    if (!file) return missing;
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (file.bad()) return diskError("read", "failed");
    if (toHex(hash(HashAlgorithm::Sha256, bytes)) != sha256)
        return diskError("read", "the content is damaged");
    return bytes;
}

}  // namespace signalbox
