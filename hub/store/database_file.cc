#include "hub/store/database_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace signalbox::store {
namespace {

namespace fs = std::filesystem;

// The write-ahead log lives in memory that processes of one machine share, and locks must be kept.
bool isOnNetwork(const fs::path& folder) {
    struct statfs where {};
    if (::statfs(folder.c_str(), &where) != 0) return false;
    switch (static_cast<unsigned long>(where.f_type)) {
        case NFS_SUPER_MAGIC:
        case SMB_SUPER_MAGIC:
        case SMB2_SUPER_MAGIC:
        case CIFS_SUPER_MAGIC:
        case AFS_SUPER_MAGIC:
        case CEPH_SUPER_MAGIC:
            return true;
        default:
            return false;
    }
}

}  // namespace

Result<std::string> prepareDatabaseFile(const std::string& path) {
    std::error_code failed;
    const auto file = fs::absolute(path, failed);
    if (failed) return Error{ErrorKind::Invalid, "store: " + path + ": " + failed.message()};
    const auto folder = file.parent_path();
    if (!fs::is_directory(folder, failed))
        return Error{ErrorKind::NotFound,
                     "store: the folder " + folder.string() + " does not exist; create it"};
    if (isOnNetwork(folder))
        return Error{ErrorKind::Invalid,
                     "store: " + folder.string() +
                         " is on a network file system, where SQLite loses data; use a local "
                         "disk or PostgreSQL"};
    const int opened = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (opened < 0)
        return Error{ErrorKind::Unavailable, "store: cannot open " + file.string() + ": " + strerror(errno)};
    ::close(opened);
    return file.string();
}

}  // namespace signalbox::store
