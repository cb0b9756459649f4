// Files of messages: their bytes in the blob store, their state in the attachments table, and the events that
// tell when a file has come or will not come. Attachments are first written by the inbox («wanted»); from
// then on this is their only writer.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/json.h"
#include "hub/files/blob_store.h"
#include "hub/log/event_log.h"
#include "hub/store/store.h"

namespace signalbox {

// One file of a message, and what its events say about it.
struct AttachmentKey {
    Id org = 0;
    Id account = 0;
    std::string account_name;
    Id message = 0;
    std::int64_t ordinal = 0;
};

struct FetchedFile {
    StoredBlob blob;
    std::string mime, filename;  // empty: the provider did not say, what is known stays
};

class Files {
public:
    // `public_url`: how the outside reaches the daemon, before /files/SECRET; empty: links are not made.
    Files(BlobStore& blobs, EventLog& log, std::string public_url = "")
        : blobs_(blobs), log_(log), public_url_(std::move(public_url)) {}

    const BlobStore& blobs() const { return blobs_; }
    const std::string& publicUrl() const { return public_url_; }

    // Inside Writes. The placeholder becomes the file, in place; writes attachment.fetched.
    void markFetched(Tx& tx, const AttachmentKey& key, const FetchedFile& file);
    // Inside Writes. The file will not come; writes attachment.failed.
    void markFailed(Tx& tx, const AttachmentKey& key, const Error& error);
    // Inside Writes, together with the message. Its attachment has its content from the beginning.
    static void markUploaded(Tx& tx, Id message, std::int64_t ordinal, const StoredBlob& blob);
    // Inside Writes. It is wanted again after all.
    void markWanted(Tx& tx, const AttachmentKey& key);

private:
    void tell(Tx& tx, const AttachmentKey& key, std::string_view type, Json details);

    BlobStore& blobs_;
    EventLog& log_;
    const std::string public_url_;
};

}  // namespace signalbox
