// The rows of uploaded CSV and .xlsx files, a few hundred at a time, for loops that are longer than memory. A
// file's content never changes under its hash, so a loop that goes on after a crash reads what it would have
// read. A sheet is written down as CSV once and kept in a temporary file while loops read it; the first call
// for it does that, others for the same sheet wait for it, and nobody else does. Any thread.
#pragma once

#include <filesystem>
#include <future>
#include <list>
#include <mutex>

#include "hub/files/blob_store.h"
#include "hub/files/file_records.h"
#include "workflow/engine/ports.h"
#include "workflow/sheets/temp_file.h"

namespace signalbox::workflow {

class FileRows : public RowSource {
public:
    // `spool`: a folder for temporary files.
    FileRows(const FileRecords& files, const BlobStore& blobs,
             std::string spool = std::filesystem::temp_directory_path().string())
        : files_(files), blobs_(blobs), spool_(std::move(spool)) {}

    // `source` begins as {"file": "fil_…"}, perhaps with "separator" or "sheet", and comes back with the
    // place behind what was read. The first row names the members of the others. NotFound: no such file of
    // the organization, no such sheet. Invalid: it is neither CSV nor .xlsx, or its first row cannot be
    // read; another that cannot is among the rows (faultOfRow), with its line in the file.
    Result<RowChunk> read(Id org, Json source, std::size_t most) override;

private:
    Status begin(Id org, Json& source);
    Status beginText(Json& source, std::string_view head);
    Result<std::string> piece(const Json& source, std::uint64_t at, std::uint64_t length);
    using Csv = Result<std::shared_ptr<const TempFile>>;  // shared with the calls that read it when it is
                                                          // dropped here
    Csv sheet(const Json& source);
    Csv convert(const std::string& sha256, const Json& source) const;
    Result<std::unique_ptr<TempFile>> fetch(const std::string& sha256, std::uint64_t size) const;

    struct Sheet {
        std::string key;  // hash of the workbook, name of the sheet
        std::shared_future<Csv> csv;
    };
    class Conversion;

    const FileRecords& files_;
    const BlobStore& blobs_;
    const std::string spool_;
    std::mutex mutex_;
    std::list<Sheet> sheets_;  // the last used first; guarded by mutex_
};

}  // namespace signalbox::workflow
