#include "workflow/sheets/temp_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace signalbox::workflow {
namespace {

constexpr std::size_t kBuffer = 256 * 1024;

Error diskError(const char* what) {
    return {ErrorKind::Unavailable,
            std::string("temporary file: ") + what + ": " + std::generic_category().message(errno),
            {},
            "disk"};
}

}  // namespace

Result<std::unique_ptr<TempFile>> TempFile::create(const std::string& folder) {
    std::string name = folder + "/sheet-XXXXXX";
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) return diskError("create");
    ::unlink(name.c_str());
    return std::unique_ptr<TempFile>(new TempFile(fd));
}

TempFile::~TempFile() {
    ::close(fd_);
}

Status TempFile::append(std::string_view bytes) {
    buffer_ += bytes;
    size_ += bytes.size();
    return buffer_.size() < kBuffer ? Status(Done{}) : flush();
}

Status TempFile::flush() {
    std::string_view left = buffer_;
    while (!left.empty()) {
        const auto written = ::write(fd_, left.data(), left.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return diskError("write");
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    buffer_.clear();
    return Done{};
}

std::int64_t TempFile::read(std::uint64_t at, char* out, std::uint64_t length) const {
    std::uint64_t done = 0;
    while (done < length) {
        const auto got = ::pread(fd_, out + done, length - done, static_cast<off_t>(at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        done += static_cast<std::uint64_t>(got);
    }
    return static_cast<std::int64_t>(done);
}

Result<std::string> TempFile::piece(std::uint64_t at, std::uint64_t length) const {
    std::string out(length, '\0');
    if (read(at, out.data(), length) != static_cast<std::int64_t>(length)) return diskError("read");
    return out;
}

}  // namespace signalbox::workflow
