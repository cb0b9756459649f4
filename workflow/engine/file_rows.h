// The rows of uploaded CSV files, a few hundred at a time, for loops that are longer than memory. A file's
// content never changes under its hash, so a loop that goes on after a crash reads what it would have read.
// Any thread.
#pragma once

#include "hub/files/blob_store.h"
#include "hub/files/file_records.h"
#include "workflow/engine/ports.h"

namespace signalbox::workflow {

class FileRows : public RowSource {
public:
    FileRows(const FileRecords& files, const BlobStore& blobs) : files_(files), blobs_(blobs) {}

    // `source` begins as {"file": "fil_…"} and comes back with the place behind what was read. The first row
    // names the members of the others. NotFound: no such file of the organization. Invalid: it is no CSV.
    Result<RowChunk> read(Id org, Json source, std::size_t most) override;

private:
    Status begin(Id org, Json& source);
    Result<std::string> piece(const Json& source, std::uint64_t at, std::uint64_t length) const;

    const FileRecords& files_;
    const BlobStore& blobs_;
};

}  // namespace signalbox::workflow
