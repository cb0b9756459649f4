// /api/v1/files: upload, look at, fetch, share.
#pragma once

#include "daemon/api/router.h"
#include "hub/files/file_records.h"
#include "hub/files/files.h"
#include "hub/files/scanner.h"

namespace signalbox::api {

struct FileParts {
    FileRecords& records;
    const BlobStore& blobs;
    FileScanner* scanner = nullptr;  // null: none is set up
    std::int64_t quota_bytes = 0;    // of an organization; 0: none
    std::string public_url;          // before /files/SECRET
};

void addFileRoutes(Router& router, const FileParts& parts, Store& store);

// How long the body of a call may be that brings a file: the largest file and its form.
inline constexpr std::size_t kMaxUploadBytes = BlobStore::kDefaultMaxBytes + 1024 * 1024;
bool bringsFile(const HttpRequest& head);

// ---- shared with uploads that come in pieces and with messages ----
FileViewer viewerOf(const Caller& caller);
struct UploadFields {
    std::string name, access = "private", project;
    std::vector<std::string> tags;
    Id version_of = 0;
};
// Type, quota and viruses are looked at, then it is stored.
Result<FileRecord> storeFile(const FileParts& parts, const FileViewer& viewer, std::string_view bytes,
                             const UploadFields& fields);
// `attachments[].file_id` of a message to send become what connectors understand: a link that lasts as long
// as the message may wait, the type, the name and the hash. Says which ones they were, for
// Files::markUploaded.
Result<std::vector<UploadedFile>> resolveAttachments(const FileParts& parts, const FileViewer& viewer,
                                                     Json& message);

}  // namespace signalbox::api
