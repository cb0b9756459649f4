// Connections that wait for the next request to the same origin. Thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "connectors/sdk/connection.h"

namespace signalbox {

class ConnectionPool {
public:
    // The connection to `origin` that was used last, if one is still open and quiet.
    std::unique_ptr<Connection> take(const std::string& origin);
    // The oldest one goes where there are too many.
    void put(const std::string& origin, std::unique_ptr<Connection> connection);

private:
    struct Idle {
        std::string origin;
        std::unique_ptr<Connection> connection;
        std::chrono::steady_clock::time_point since;
    };

    std::mutex mutex_;
    std::deque<Idle> idle_;  // oldest first
};

}  // namespace signalbox
