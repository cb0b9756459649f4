#include "hub/files/uploads.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace signalbox {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxOpen = 100;
constexpr std::string_view kInsert =
    "INSERT INTO uploads (id, org, owner_user, owner_token, name, size, access, project, file, created_at,"
    " tags, version_of, sha256, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, "
    "$13)";
constexpr std::string_view kSelect =
    "SELECT id, org, name, size, access, project, file, tags, version_of, sha256, expires_at FROM uploads"
    " WHERE org = $1 AND id = $2 AND owner_user = $3 AND owner_token = $4 AND expires_at > $5";
constexpr std::string_view kOpen =
    "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM uploads WHERE org = $1 AND file = 0 AND expires_at > $2";
constexpr std::string_view kUsed =
    "SELECT COALESCE(SUM(size), 0) FROM (SELECT sha256, size FROM files WHERE org = $1 AND deleted_at IS NULL"
    " GROUP BY sha256, size) sizes";

Error diskError(const char* what) {
    return {ErrorKind::Unavailable,
            std::string("upload: ") + what + ": " + std::generic_category().message(errno),
            {},
            "disk"};
}

class PartFile {
public:
    PartFile(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~PartFile() {
        if (fd_ >= 0) ::close(fd_);  // gives the lock back as well
    }
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;
    int get() const { return fd_; }
    std::int64_t size() const {
        struct stat facts {};
        return fd_ >= 0 && ::fstat(fd_, &facts) == 0 ? static_cast<std::int64_t>(facts.st_size) : 0;
    }

private:
    const int fd_;
};

Status writeAt(int fd, std::int64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return diskError("write");
        offset += written;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fdatasync(fd) == 0 ? Status(Done{}) : diskError("sync");
}

// A token of a user's session owns nothing; its user does.
std::pair<Id, Id> ownerOf(const FileViewer& viewer) {
    return {viewer.user, viewer.user != 0 ? 0 : viewer.token};
}

}  // namespace

fs::path Uploads::partOf(Id upload) const {
    return folder_ / idText(kUploadId, upload);
}

Status Uploads::open() {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) return Error{ErrorKind::Unavailable, "folder " + folder_.string() + ": " + error.message()};
    return Done{};
}

Result<Upload> Uploads::begin(const FileViewer& viewer, const NewUpload& what, std::int64_t quota_bytes) {
    Upload upload;
    upload.id = ids_.next();
    upload.org = viewer.org;
    upload.what = what;
    const TimePoint now = clock_.now();
    upload.expires_at = now + kUploadLifetime;
    const auto [user, token] = ownerOf(viewer);
    Status refused = Done{};
    const Status written = store_.writeAndWait([&, user = user, token = token](Tx& tx) {
        const Row open = tx.query(kOpen, {upload.org, toMicros(now)}).at(0);
        const std::int64_t used = quota_bytes > 0 ? tx.query(kUsed, {upload.org}).at(0).integer(0) : 0;
        if (open.integer(0) >= kMaxOpen) {
            refused = Error{ErrorKind::Throttled, "a hundred uploads are open; end or delete some",
                            std::chrono::seconds(60), "too_many_uploads"};
        } else if (quota_bytes > 0 && used + open.integer(1) + what.size > quota_bytes) {
            refused = quotaReached();
        } else {
            refused = Done{};
            tx.exec(kInsert,
                    {upload.id, upload.org, user, token, what.name, what.size, what.access, what.project,
                     toMicros(now), what.tags, what.version_of, what.sha256, toMicros(upload.expires_at)});
        }
    });
    if (!written) return written.error();
    if (!refused) return refused.error();
    return upload;
}

std::optional<Upload> Uploads::find(const FileViewer& viewer, Id id) const {
    std::optional<Upload> found;
    const auto [user, token] = ownerOf(viewer);
    store_.read([&, user = user, token = token](Reader& reader) {
        const Rows rows = reader.query(kSelect, {viewer.org, id, user, token, toMicros(clock_.now())});
        if (rows.empty()) return;
        const Row& row = rows[0];
        Upload upload;
        upload.id = row.integer(0);
        upload.org = row.integer(1);
        upload.what = {row.text(2), row.text(4),    row.text(5),   row.text(7),
                       row.text(9), row.integer(3), row.integer(8)};
        upload.file = row.integer(6);
        upload.expires_at = fromMicros(row.integer(10));
        found = std::move(upload);
    });
    if (!found) return found;
    found->offset = found->file != 0 ? found->what.size : PartFile(partOf(id), O_RDONLY).size();
    return found;
}

Result<std::int64_t> Uploads::append(const Upload& upload, std::int64_t offset, std::string_view bytes) {
    const PartFile part(partOf(upload.id), O_RDWR | O_CREAT);
    if (part.get() < 0) return diskError("open");
    if (::flock(part.get(), LOCK_EX | LOCK_NB) != 0)
        return Error{ErrorKind::Conflict, "another call is sending a piece of this upload",
                     std::chrono::seconds(1), "upload_busy"};
    const std::int64_t at = part.size();
    if (offset != at)
        return Error{ErrorKind::Conflict,
                     "the upload is at " + std::to_string(at) + ", not at Upload-Offset",
                     {},
                     "offset_conflict"};
    const auto size = static_cast<std::int64_t>(bytes.size());
    if (at + size > upload.what.size)
        return Error{ErrorKind::Invalid, "more bytes than were announced", {}, "upload_too_long"};
    if (auto written = writeAt(part.get(), at, bytes); !written) {
        if (::ftruncate(part.get(), static_cast<off_t>(at)) != 0) return diskError("truncate");
        return written.error();
    }
    return at + size;
}

Uploads::Content::~Content() {
    if (at_ != nullptr) ::munmap(at_, size_);
}

Result<std::unique_ptr<Uploads::Content>> Uploads::content(const Upload& upload) const {
    const PartFile part(partOf(upload.id), O_RDONLY);
    if (part.get() < 0) return diskError("open");
    const auto size = static_cast<std::size_t>(part.size());
    if (size == 0) return std::make_unique<Content>(nullptr, 0);
    void* const at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, part.get(), 0);
    if (at == MAP_FAILED) return diskError("map");
    return std::make_unique<Content>(at, size);
}

void Uploads::forgetPart(const Upload& upload) {
    std::error_code error;
    fs::remove(partOf(upload.id), error);  // what is left is found by dropOld
}

Status Uploads::drop(const Upload& upload) {
    forgetPart(upload);
    return store_.writeAndWait([&](Tx& tx) {
        tx.exec("DELETE FROM uploads WHERE id = $1 AND org = $2", {upload.id, upload.org});
    });
}

Result<std::size_t> Uploads::dropOld() {
    std::vector<Id> old;
    const std::int64_t now = toMicros(clock_.now());
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query("SELECT id FROM uploads WHERE expires_at <= $1 LIMIT 1000", {now}))
            old.push_back(row.integer(0));
    });
    std::error_code error;
    for (const Id id : old) fs::remove(partOf(id), error);
    if (!old.empty()) {
        const Status written = store_.writeAndWait([&](Tx& tx) {
            for (const Id id : old) tx.exec("DELETE FROM uploads WHERE id = $1", {id});
        });
        if (!written) return written.error();
    }
    // Part files that nobody has a row for any more, or whose file is there: a crash was between.
    std::vector<fs::path> parts;
    for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error))
        parts.push_back(entry->path());
    for (const fs::path& part : parts) {
        const auto id = parseId(kUploadId, part.filename().string());
        bool is_open = false;
        store_.read([&](Reader& reader) {
            is_open = id && !reader.query("SELECT 1 FROM uploads WHERE id = $1 AND file = 0", {*id}).empty();
        });
        if (!is_open) fs::remove(part, error);
    }
    return old.size();
}

}  // namespace signalbox
