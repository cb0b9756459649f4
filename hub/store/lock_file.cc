#include "hub/store/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace signalbox::store {
namespace {

std::string holderOf(int file) {
    std::array<char, 32> text{};
    const auto size = ::pread(file, text.data(), text.size() - 1, 0);
    std::string holder(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!holder.empty() && holder.back() == '\n') holder.pop_back();
    return holder.empty() ? "another process" : "process " + holder;
}

}  // namespace

Result<std::unique_ptr<LockFile>> LockFile::take(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return Error{ErrorKind::Unavailable,
                     "store: cannot open the lock file " + path + ": " + strerror(errno)};
    std::unique_ptr<LockFile> lock(new LockFile(file));
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return Error{ErrorKind::Unavailable, "store: cannot lock " + path + ": " + strerror(errno)};
        return Error{ErrorKind::Conflict, "store: " + path + " is held by " + holderOf(file) +
                                              ": one daemon uses a SQLite database at a time"};
    }
    // The number only serves the message above, so a full disk may keep it from being written.
    const auto number = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file, 0) != 0 || ::pwrite(file, number.data(), number.size(), 0) < 0) return lock;
    return lock;
}

LockFile::~LockFile() {
    ::close(file_);
}

}  // namespace signalbox::store
