// Callers whose callback starts a workflow that answers them: the connection is kept until the run responds,
// ends, or takes too long. Keyed by the offset of the event that their callback became. Thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/http_message.h"
#include "daemon/http/server.h"
#include "workflow/engine/ports.h"

namespace signalbox {

class ResponseWaiters : public workflow::ResponseSink {
public:
    // `is_alone`: no other node's consumer can be faster than the commit's callback, so nothing need be
    // remembered.
    ResponseWaiters(const Clock& clock, bool is_alone) : clock_(clock), is_alone_(is_alone) {}

    // Called from the commit's callback, before any consumer can see the event on this node.
    void wait(std::int64_t offset, http::Responder responder, std::chrono::milliseconds timeout);
    // The run's answer; without one the caller gets 200 and a word that the event was taken, or 500 when the
    // run failed.
    void respond(std::int64_t offset, HttpResponse response) override;
    void finished(std::int64_t offset) override;
    void failed(std::int64_t offset) override;
    // Called a few times a second: whoever waited too long gets 202, since the event is safe and the run goes
    // on.
    void expire();
    std::size_t waiting() const;
    // The events whose answer is waited for; another daemon may have written one of them down.
    std::vector<std::int64_t> offsets() const;

private:
    struct Waiter {
        http::Responder responder;
        TimePoint until;
    };

    void reply(std::int64_t offset, HttpResponse response);
    void remember(std::int64_t offset, HttpResponse response);

    const Clock& clock_;
    const bool is_alone_;
    mutable std::mutex mutex_;
    std::unordered_map<std::int64_t, Waiter> waiters_;
    std::deque<std::pair<std::int64_t, HttpResponse>>
        early_;  // another node's consumer may be faster than we are
};

}  // namespace signalbox
