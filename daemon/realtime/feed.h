// The live feed, /api/v1/feed: every event of the organization as a JSON object with its offset, over a
// WebSocket or as Server-Sent Events, from any offset on. A watcher that was cut off goes on behind the last
// offset it saw: nothing is missing, nothing comes twice. One thread serves all watchers.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daemon/api/router.h"
#include "daemon/http/server.h"
#include "daemon/realtime/presence.h"
#include "daemon/realtime/subscription.h"
#include "hub/accounts/accounts.h"
#include "hub/log/event_log.h"

namespace signalbox {

class Feed {
public:
    struct Parts {
        const EventLog& log;
        const Accounts& accounts;
        api::Router& router;
        Store& store;  // what watchers see who do not see everything
        Presence& presence;
        // Whether customers of the organization are told who of the team is typing.
        std::function<bool(Id org)> tells_clients;
    };
    explicit Feed(Parts parts);
    ~Feed();

    // What the server is told: ?from=OFFSET (events after it; default: from now on; Last-Event-ID counts as
    // well), the filters of subscription.h, ?heartbeat=SECONDS. A WebSocket may send {"token", "from"} with
    // the same filters as its first frame instead of the Authorization header, and frames of feed_frames.cc
    // later.
    http::StreamRoute route();
    void start();
    void stop();
    std::size_t watchers() const { return watcher_count_; }

private:
    struct Watcher;
    struct Batch;
    using WatcherRef = std::shared_ptr<Watcher>;

    void open(const HttpRequest& request, std::shared_ptr<http::LiveStream> stream);
    // A frame of a WebSocket, on the connection's thread: it is read on the feed's.
    void heard(const WatcherRef& watcher, std::string frame);
    void hello(Watcher& watcher, const Json& frame);

    // ---- the feed's thread ----
    void serve(const std::stop_token& stop);
    void admit();
    void listen();
    void obey(Watcher& watcher, const Json& frame);
    void setTyping(Watcher& watcher, const Json& frame);
    void check(Watcher& watcher, std::chrono::steady_clock::time_point now);
    void resync(Watcher& watcher);
    void close(Watcher& watcher, int code, const std::string& reason);
    bool isFull(Watcher& watcher, std::chrono::steady_clock::time_point now);
    void deliver(Watcher& watcher, Batch& batch);
    void tellPassing();
    std::string render(const LogRecord& record) const;

    const Parts parts_;
    mutable std::mutex mutex_;                             // guards arriving_ and said_
    std::vector<WatcherRef> arriving_;                     // opened, not served yet
    std::deque<std::pair<WatcherRef, std::string>> said_;  // frames of clients
    std::vector<WatcherRef> watchers_;                     // feed thread
    std::atomic<std::size_t> watcher_count_{0};
    std::jthread thread_;
};

}  // namespace signalbox
