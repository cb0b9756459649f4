// One io_context, its thread and the connections it owns. A connection lives on one IoThread from its first
// byte to its last, so nothing of it needs a lock; other threads reach it through the inbox only.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <string>
#include <thread>

#include "base/clock.h"
#include "daemon/http/client_address.h"
#include "daemon/http/peer.h"
#include "daemon/http/server.h"

namespace signalbox::http {

// What all connections of a server share and nobody changes.
struct Doors {
    ServerOptions options;
    TrustedProxies proxies;
    Handler handler;
    std::vector<StreamRoute> streams;

    const StreamRoute* streamFor(std::string_view path) const;
};

// Counted by one thread, read by any: no locked instruction on the way of a request.
class Counter {
public:
    void add(std::int64_t n) {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    std::uint64_t get() const { return static_cast<std::uint64_t>(value_.load(std::memory_order_relaxed)); }

private:
    std::atomic<std::int64_t> value_{0};
};

struct Counters {
    Counter requests, refused, streams_open;
};

class IoThread {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit IoThread(const Doors& doors);
    ~IoThread();

    // Any thread.
    void start();
    boost::asio::io_context& context() { return context_; }
    const Counters& counters() const { return counters_; }
    void drain();
    // False when there are still connections at `deadline`.
    bool waitUntilEmpty(Time deadline);
    // Closes what is left and joins. Called again it does nothing.
    void stop();

    // On this thread only.
    void add(const std::shared_ptr<Peer>& peer);
    // The caller still holds the peer.
    void remove(Peer& peer);
    const Doors& doors() const { return doors_; }
    const std::shared_ptr<Inbox>& inbox() const { return inbox_; }
    Counters& counters() { return counters_; }
    bool isDraining() const { return is_draining_; }
    // Both as of the last tick: exact enough for time-outs of seconds.
    Time now() const { return now_; }
    const std::string& date() const { return date_; }

private:
    void run();
    void tick();
    void waitForTick();
    void emptyInbox();
    void tellIfEmpty();
    template <class Action>
    void eachPeer(Action action);

    const Doors& doors_;
    const SystemClock clock_;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer ticker_;
    const std::shared_ptr<Inbox> inbox_;
    std::vector<Delivery> batch_;
    std::list<std::shared_ptr<Peer>> peers_;
    Counters counters_;
    Time now_;
    std::string date_;
    bool is_draining_ = false;
    std::thread thread_;

    std::mutex mutex_;
    std::condition_variable emptied_;
    bool is_empty_ = false;
};

}  // namespace signalbox::http
