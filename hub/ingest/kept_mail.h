// The bytes of a mail as they were fetched. Any thread; throws StoreError.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "hub/store/store.h"

namespace signalbox {

struct KeptMail {
    std::string raw;   // empty: nothing could be fetched, or
    std::string blob;  // the SHA-256 under which the file store has them
};

// Nothing: it is no mail's, or was kept long enough (retention.requests_days).
std::optional<KeptMail> loadKeptMail(Store& store, Id org, Id request);

}  // namespace signalbox
