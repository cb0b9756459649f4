// Callbacks whose signature was right but whose body was not understood: listed, shown, and handed out for
// replay once a fixed connector can read them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_message.h"
#include "base/ids.h"
#include "hub/store/store.h"

namespace signalbox {

struct QuarantinedRequest {
    Id id = 0;
    Id account = 0;
    std::string reason;
    TimePoint received_at{};
    HttpRequest request;  // body and headers only from `loadQuarantined`
};

struct QuarantineFilter {
    Id org = 0;
    Id before = 0;   // 0: from the top
    Id account = 0;  // 0: of any
    Id owner = 0;    // not 0: of accounts that this user connected for himself
};

// Newest first. Any thread.
std::vector<QuarantinedRequest> listQuarantined(Store& store, const QuarantineFilter& filter,
                                                std::size_t limit);
// Nothing when no such request was ever in quarantine (replayed ones are still found).
std::optional<QuarantinedRequest> loadQuarantined(Store& store, Id org, Id request);

}  // namespace signalbox
