// What other threads have for the connections of one IoThread. Many deliveries become one wake-up: only the
// first after the thread has emptied its inbox rings. Thread-safe. Outlives its thread: Responders and
// streams that somebody still holds keep it, and what they send then goes nowhere.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/http_message.h"

namespace signalbox::http {

class Peer;

struct Delivery {
    std::weak_ptr<Peer> to;  // only its own thread ever holds a peer, so no other thread can destroy it
    std::uint64_t request = 0;
    HttpResponse response;
};

class Inbox {
public:
    // `ring` is called on the pushing thread, under the lock: it must only wake the owner.
    explicit Inbox(std::function<void()> ring) : ring_(std::move(ring)) {}

    void push(Delivery delivery);

    // The owner's side. Moves what has come into `out`; when that is nothing, the next push rings again.
    bool take(std::vector<Delivery>& out);
    void close();
    // Whether the caller runs on the owner's thread. Set once, when that thread begins.
    void setOwner();
    bool isOwner() const;

private:
    std::mutex mutex_;
    const std::function<void()> ring_;
    std::vector<Delivery> waiting_;
    bool has_rung_ = false, is_closed_ = false;
};

}  // namespace signalbox::http
