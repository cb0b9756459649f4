#include "base/http_body.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace signalbox {
namespace {

Error diskError(const char* what) {
    return {ErrorKind::Unavailable,
            std::string("temporary file: ") + what + ": " + std::generic_category().message(errno),
            {},
            "disk"};
}

}  // namespace

Result<std::unique_ptr<BodyFile>> BodyFile::create(const std::string& folder) {
    std::string name = folder + "/body-XXXXXX";
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) return diskError("create");
    ::unlink(name.c_str());
    return std::unique_ptr<BodyFile>(new BodyFile(fd));
}

BodyFile::~BodyFile() {
    if (mapped_ != nullptr) ::munmap(mapped_, size_);
    ::close(fd_);
}

Status BodyFile::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(fd_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return diskError("write");
        size_ += static_cast<std::size_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return Done{};
}

Result<std::string_view> BodyFile::bytes() {
    if (size_ == 0) return std::string_view();
    if (mapped_ == nullptr) {
        void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd_, 0);
        if (mapped == MAP_FAILED) return diskError("map");
        mapped_ = mapped;
    }
    return std::string_view(static_cast<const char*>(mapped_), size_);
}

std::optional<std::string> BodyFileSource::next(std::size_t max) {
    const auto bytes = file_->bytes();
    if (!bytes) return std::nullopt;
    std::string piece(bytes->substr(std::min(at_, bytes->size()), max));
    at_ += piece.size();
    return piece;
}

}  // namespace signalbox
