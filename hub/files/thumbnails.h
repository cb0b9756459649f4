// Small pictures of stored content: kept once for each content and size, as content themselves. What none can
// be made of is noted, so that nobody tries again. The only writer of the table thumbnails, but for the
// collector, which deletes rows whose content goes. Any thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "hub/files/blob_store.h"
#include "hub/store/store.h"

namespace signalbox {

class Thumbnails {
public:
    Thumbnails(Store& store, const Clock& clock, const BlobStore& blobs)
        : store_(store), clock_(clock), blobs_(blobs) {}

    // Nothing: not made yet. An empty text: none can be made.
    Result<std::optional<std::string>> find(const std::string& sha256, const std::string& variant) const;
    // `picture` empty: none can be made.
    Status keep(const std::string& sha256, const std::string& variant, std::string_view picture);

private:
    Store& store_;
    const Clock& clock_;
    const BlobStore& blobs_;
};

}  // namespace signalbox
