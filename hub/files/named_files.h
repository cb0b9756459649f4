// The one place that decides whether a message may carry a file: whoever sends it names files by `file_id`,
// or content by its SHA-256 (`sha256`, or `media_id` where it has the form of one), and gets only what he
// could also download. A foreign name and one that is nowhere look the same. Pure reading; any thread.
#pragma once

#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "hub/files/file_records.h"

namespace signalbox {

inline constexpr std::size_t kMaxFilesOfMessage = 10;
inline constexpr std::size_t kMaxFilesOfMail = 32;  // the pictures that its HTML shows are files, too

// One of a message's attachments whose content lies in the file store.
struct NamedFile {
    std::size_t ordinal = 0;
    StoredBlob blob;
    Id file = 0;  // 0: it came with a message
};

// Checks `request["attachments"]` and completes what was named by `file_id`: it becomes `sha256`, with type,
// name and kind where the request says nothing of them. NotFound, Rejected «file_infected» or
// «file_not_scanned», Invalid: too many files.
Result<std::vector<NamedFile>> nameFiles(Reader& reader, const FileViewer& viewer, Json& request);

}  // namespace signalbox
