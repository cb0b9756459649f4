// Files that people upload: what is kept about them, their versions, tags, comments and links. The bytes are
// in the blob store. The only writer of the tables files, file_tags, file_comments, file_links, blob_scans.
// What takes a Tx is inside Writes; the rest any thread, and throws StoreError.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "base/secret.h"
#include "hub/files/blob_store.h"
#include "hub/files/file_type.h"
#include "hub/log/event_log.h"
#include "hub/store/store.h"

namespace signalbox {

// A condition on rows that somebody may see; appends to the values, which are borrowed from it.
using SeenRows = std::function<std::string(std::vector<Value>&)>;

// Who asks, as far as files are concerned.
struct FileViewer {
    Id org = 0, user = 0, token = 0;
    bool sees_everything = false;
    // Which rows «c» of conversations he sees. Empty: those of no private account when he sees everything,
    // otherwise none.
    SeenRows conversations = {};
};

struct FileRecord {
    Id id = 0, org = 0, series = 0;
    std::int64_t version = 1, size = 0, revision = 1;
    std::string sha256, name, mime, kind;
    // private: its owner. restricted: also who sees a conversation that is linked to its project. public:
    // all.
    std::string access = "private";
    std::string project, scan = "unscanned";
    Id owner_user = 0, owner_token = 0;
    TimePoint created_at{};
};

struct NewFile {
    StoredBlob blob;
    std::string name, access = "private", project, scan, text;
    FileType type;
    std::vector<std::string> tags;
    Id version_of = 0;             // 0: a file of its own
    Id upload = 0;                 // the upload that it came through; 0: in one piece
    std::int64_t quota_bytes = 0;  // of the organization's files; 0: none
};

struct FileFilter {
    std::string project, kind, tag, name;
    Id before = 0;
    std::size_t limit = 50;
};

class FileRecords {
public:
    FileRecords(Store& store, Ids& ids, const Clock& clock, EventLog& log)
        : store_(store), ids_(ids), clock_(clock), log_(log) {}

    // Writes file.created. NotFound: version_of is none of the viewer's. Rejected «quota_reached». Conflict
    // «upload_finished»: the upload became a file already.
    Result<FileRecord> add(const FileViewer& viewer, const NewFile& file);
    // Bytes of the organization's files, each content once.
    std::int64_t used(Id org) const;

    // Nothing: there is none, or the viewer may not have it; the two look the same.
    std::optional<FileRecord> find(const FileViewer& viewer, Id file) const;
    static std::optional<FileRecord> findIn(Reader& reader, const FileViewer& viewer, Id file);
    // The newest file of this content that the viewer may have.
    static std::optional<FileRecord> findContent(Reader& reader, const FileViewer& viewer,
                                                 std::string_view sha256);
    // Through a link that was made for it; the link's secret is looked up by its hash.
    std::optional<FileRecord> findByLink(std::string_view secret) const;

    Json list(const FileViewer& viewer, const FileFilter& filter, std::optional<Id>& next) const;
    // Those of its series that the viewer may have: each has an access of its own.
    Json versions(const FileViewer& viewer, const FileRecord& file) const;
    Json describe(const FileRecord& file) const;  // in the shape of the API, with tags

    struct Changes {
        std::optional<std::string> name, access, project;
        std::optional<std::vector<std::string>> tags;
        std::optional<std::int64_t> revision;  // what the editor saw; nothing: whatever it is
    };
    // Writes file.changed. Conflict «changed_meanwhile»: it is not that revision any more.
    Status change(const FileRecord& file, const Changes& changes);
    Status remove(const FileRecord& file);  // writes file.deleted
    Status markScanned(const FileRecord& file, const std::string& scan);
    // Of content that came with messages: clean, infected, or empty when the scanner has not seen it.
    std::string scanOf(const std::string& sha256) const;
    Status noteScan(const std::string& sha256, const std::string& scan);

    Result<Json> comment(const FileViewer& viewer, const FileRecord& file, const std::string& text);
    Json comments(const FileRecord& file) const;

    // The secret of a new link; without an end when `lifetime` is 0.
    Result<Secret> link(const FileRecord& file, std::chrono::seconds lifetime);
    Status dropLinks(const FileRecord& file);
    // Inside Writes. The same for a link whose secret was made before (see newLinkSecret).
    static void insertLink(Tx& tx, Id org, Id file, const Secret& secret, std::optional<TimePoint> expires_at,
                           TimePoint now);

private:
    void tell(Tx& tx, const FileRecord& file, std::string_view type);

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    EventLog& log_;
};

// « AND …» for rows «f» of files that the viewer may have; empty: all of his organization.
std::string seenFiles(const FileViewer& viewer, std::vector<Value>& values);
Secret newLinkSecret();
Error quotaReached();

inline constexpr std::string_view kFileCommentId = "fcm", kUploadId = "upl";

}  // namespace signalbox
