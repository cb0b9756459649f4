// A WebSocket client of the live feed that reads frame by frame and can be dropped at any moment. One thread.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "tests/support/raw_client.h"

namespace signalbox {

class FeedClient {
public:
    // Opens /api/v1/feed with `query` («from=0&types=message.*»), without any credentials, and sends
    // `first_frame`, unless it is null. Throws when the upgrade is refused. `receive_buffer`: see RawClient.
    FeedClient(int port, const Json& first_frame, const std::string& query = "", int receive_buffer = 0);

    // The next JSON frame; nothing when the server closed, see `close_code` and `close_reason`. Throws after
    // ten seconds without one.
    std::optional<Json> next();
    // Frames until one has `type`; throws when the server closes before.
    Json nextOf(const std::string& type);
    void say(const Json& frame);

    int close_code = 0;
    std::string close_reason;

private:
    testing::RawClient client_;
};

}  // namespace signalbox
