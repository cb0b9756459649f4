// The live feed, /api/v1/feed: every event of the organization as a JSON object with its offset, over a
// WebSocket or as Server-Sent Events, from any offset on. A watcher that was cut off goes on behind the last
// offset it saw: nothing is missing, nothing comes twice. One thread serves all watchers.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daemon/api/router.h"
#include "daemon/http/server.h"
#include "hub/accounts/accounts.h"
#include "hub/log/event_log.h"

namespace signalbox {

class Feed {
public:
    Feed(const EventLog& log, const Accounts& accounts, api::Router& router, Store& store);
    ~Feed();

    // What the server is told: ?from=OFFSET (events after it; default: from now on; Last-Event-ID counts as
    // well), ?types=a,b (with * at the end for a prefix). A WebSocket may send {"token", "from"} as its first
    // frame instead of the Authorization header.
    http::StreamRoute route();
    void start();
    void stop();
    std::size_t watchers() const;

private:
    struct Watcher;
    void open(const HttpRequest& request, std::shared_ptr<http::LiveStream> stream);
    void hello(const std::shared_ptr<Watcher>& watcher, const std::string& frame);
    void serve(const std::stop_token& stop);
    void check(Watcher& watcher);
    bool pump(Watcher& watcher);
    bool maySee(Watcher& watcher, const LogRecord& record) const;
    std::string render(const LogRecord& record) const;

    const EventLog& log_;
    const Accounts& accounts_;
    api::Router& router_;
    Store& store_;  // what watchers see who do not see everything
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Watcher>> watchers_;
    std::jthread thread_;
};

}  // namespace signalbox
