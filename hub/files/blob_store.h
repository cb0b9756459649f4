// The bytes of files, each content once, under the SHA-256 of it, on disk or wherever the object store keeps
// them, encrypted when there are keys (the object's name then ends in «.e»). A blob is stored for good before
// `put` returns. Thread-safe, also over several processes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/http_body.h"
#include "base/result.h"
#include "hub/files/blob_cipher.h"
#include "hub/files/object_store.h"

namespace signalbox {

struct StoredBlob {
    std::string sha256;  // hex
    std::int64_t size = 0;
};

struct BlobCipher {
    std::function<BlobKey()> newest;  // empty: nothing is encrypted
    FindBlobKey find;
};

class BlobStore {
public:
    static constexpr std::size_t kDefaultMaxBytes = 100 * 1024 * 1024;

    // Plain files in a folder.
    explicit BlobStore(std::filesystem::path root, std::size_t max_bytes = kDefaultMaxBytes);
    // `spool`: a folder for what is fetched from afar while it is sent on.
    BlobStore(std::unique_ptr<ObjectStore> objects, BlobCipher cipher, std::string spool,
              std::size_t max_bytes = kDefaultMaxBytes);

    // Once, before anything else.
    Status open();
    // Asked before anything is stored, with its hash; what it refuses is not stored. Before the first `put`.
    void beforePut(std::function<Status(const std::string& sha256)> ask) { ask_ = std::move(ask); }

    // Same content twice is one object. Invalid: larger than max_bytes. Unavailable: the disk, the store.
    Result<StoredBlob> put(std::string_view bytes) const;
    // NotFound: no such blob. Unavailable: the disk, or the content is no longer what was stored.
    Result<std::string> read(std::string_view sha256) const;
    // A part of it, read piece by piece as it is sent. NotFound: no such blob. The content is not hashed
    // again; whoever wants that reads it whole.
    Result<std::unique_ptr<BodySource>> open(std::string_view sha256, std::uint64_t offset,
                                             std::uint64_t length) const;

    // --- for the collector ---
    Status remove(const std::string& sha256) const;
    Status list(const std::function<void(const std::string& sha256)>& tell,
                const std::stop_token& stop) const;
    // Encrypts it under the newest key when it is not; true when something was to do.
    Result<bool> encryptAnew(const std::string& sha256) const;

private:
    Result<std::unique_ptr<ObjectReader>> reader(const std::string& sha256) const;
    Status store(const std::string& sha256, ObjectSource& plain) const;

    const std::unique_ptr<ObjectStore> objects_;
    const BlobCipher cipher_;
    const std::string spool_;
    const std::size_t max_bytes_;
    std::function<Status(const std::string&)> ask_;
};

}  // namespace signalbox
