// Follows the daemon's live feed over one connection. The implementation is the wall around Beast's parser;
// the connection is the one of the HTTP client. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace signalbox::client {

struct FeedRequest {
    std::string url;  // of the daemon
    Secret token;
    std::optional<std::int64_t> from;  // events behind this offset; nothing: from now on
    std::string types;                 // with commas between; empty: all
};

// Gives each event's JSON text to `on_event`. Done when that returned false. Errors: Unavailable when the
// connection cannot be made or breaks (go on behind the last offset), anything else is final: the daemon's
// refusal, a wrong URL.
Status followFeed(const FeedRequest& request, const std::function<bool(const std::string& event)>& on_event,
                  const std::stop_token& stop);

}  // namespace signalbox::client
