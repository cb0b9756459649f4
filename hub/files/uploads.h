// Uploads that come in pieces and survive anything in between: a row says what it is to become, a part file
// in `folder` holds what has come; its length is how far it is, also after a crash. The only writer of the
// table uploads, except that FileRecords::add notes the file that it became in the same commit. Thread-safe,
// also over several processes that share the folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hub/files/file_records.h"

namespace signalbox {

struct NewUpload {
    std::string name, access = "private", project, tags,
                      sha256;  // tags: with commas between; sha256: or empty
    std::int64_t size = 0;
    Id version_of = 0;
};

struct Upload {
    Id id = 0, org = 0;
    NewUpload what;
    std::int64_t offset = 0;  // how much has come
    Id file = 0;              // what it became; 0: not yet
    TimePoint expires_at{};
};

class Uploads {
public:
    Uploads(Store& store, Ids& ids, const Clock& clock, std::filesystem::path folder)
        : store_(store), ids_(ids), clock_(clock), folder_(std::move(folder)) {}

    Status open();
    // Throttled «too_many_uploads»: a hundred are open already. Rejected «quota_reached»: files and what is
    // announced would be more than `quota_bytes` (0: no limit).
    Result<Upload> begin(const FileViewer& viewer, const NewUpload& what, std::int64_t quota_bytes);
    // Nothing: there is none, it is over, or it is another's; they look the same.
    std::optional<Upload> find(const FileViewer& viewer, Id upload) const;
    // How far it is now; on disk. Conflict «offset_conflict»: `offset` is not where it is; «upload_busy»:
    // another call writes. Invalid: more bytes than were announced.
    Result<std::int64_t> append(const Upload& upload, std::int64_t offset, std::string_view bytes);
    // All that has come, mapped: it takes no memory of ours.
    class Content {
    public:
        Content(void* at, std::size_t size) : at_(at), size_(size) {}
        ~Content();
        Content(const Content&) = delete;
        Content& operator=(const Content&) = delete;
        std::string_view bytes() const { return {static_cast<const char*>(at_), size_}; }

    private:
        void* const at_;
        const std::size_t size_;
    };
    Result<std::unique_ptr<Content>> content(const Upload& upload) const;
    Status drop(const Upload& upload);
    // The part file of one that has become a file.
    void forgetPart(const Upload& upload);
    // Rows and part files of those whose time is over; how many. From one thread, now and then.
    Result<std::size_t> dropOld();

private:
    std::filesystem::path partOf(Id upload) const;

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    const std::filesystem::path folder_;
};

inline constexpr std::chrono::hours kUploadLifetime{24};

}  // namespace signalbox
