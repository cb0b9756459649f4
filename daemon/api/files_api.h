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
    std::vector<std::string> types;  // that may be uploaded; empty: all that are known
};

void addFileRoutes(Router& router, const FileParts& parts, Store& store);

// How long the body of a call may be that brings a file: the largest file and its form.
inline constexpr std::size_t kMaxUploadBytes = BlobStore::kDefaultMaxBytes + 1024 * 1024;
bool bringsFile(const HttpRequest& head);

// ---- shared with uploads that come in pieces, and with messages ----
FileViewer viewerOf(const Caller& caller);
struct UploadFields {
    std::string name, access = "private", project;
    std::vector<std::string> tags;
    Id version_of = 0, upload = 0;
};
// What keeps a browser from running what it is given.
void protectContent(HttpResponse& response);
// Scans what could not be scanned before; the problem to give, or nothing when the file may be had.
std::optional<HttpResponse> quarantined(const FileParts& parts, FileRecord file);
// The file that the captures «id» and «ordinal» name, of a message that the caller sees.
std::optional<FileRecord> findAttachment(const Call& call, const FileParts& parts, Store& store);
bool mayChangeFile(const Caller& caller, const FileRecord& file);
std::vector<std::string> splitTags(std::string_view text);
// Type, quota and viruses are looked at, then it is stored.
Result<FileRecord> storeFile(const FileParts& parts, const FileViewer& viewer, std::string_view bytes,
                             const UploadFields& fields);

}  // namespace signalbox::api
