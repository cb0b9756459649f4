// The bytes of files on disk, each once, under the SHA-256 of its content: <root>/ab/abcdef….
// A blob is on disk for good before `put` returns. Thread-safe, also over several processes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/http_body.h"
#include "base/result.h"

namespace signalbox {

struct StoredBlob {
    std::string sha256;  // hex
    std::int64_t size = 0;
};

class BlobStore {
public:
    static constexpr std::size_t kDefaultMaxBytes = 100 * 1024 * 1024;

    explicit BlobStore(std::filesystem::path root, std::size_t max_bytes = kDefaultMaxBytes);

    // Makes the folders and clears what a crash left half written; once, before anything else.
    Status open();
    // Same content twice is one file. Invalid: larger than max_bytes. Unavailable: the disk.
    Result<StoredBlob> put(std::string_view bytes) const;
    // NotFound: no such blob. Unavailable: the disk, or the content is no longer what was stored.
    Result<std::string> read(std::string_view sha256) const;
    // A part of it, read piece by piece as it is sent. NotFound: no such blob. The content is not hashed
    // again; whoever wants that reads it whole.
    Result<std::unique_ptr<BodySource>> open(std::string_view sha256, std::uint64_t offset,
                                             std::uint64_t length) const;

private:
    std::filesystem::path pathOf(std::string_view sha256) const;

    const std::filesystem::path root_;
    const std::size_t max_bytes_;
};

}  // namespace signalbox
