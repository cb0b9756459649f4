#include "daemon/http/inbox.h"

namespace signalbox::http {
namespace {

// The inbox of the IoThread that this thread is.
thread_local const Inbox* own_inbox = nullptr;

}  // namespace

void Inbox::push(Delivery delivery) {
    std::lock_guard lock(mutex_);
    if (is_closed_) return;
    waiting_.push_back(std::move(delivery));
    if (has_rung_) return;
    has_rung_ = true;
    // Under the lock, so that nobody rings at a thread that `close` has let go.
    ring_();
}

bool Inbox::take(std::vector<Delivery>& out) {
    out.clear();
    std::lock_guard lock(mutex_);
    out.swap(waiting_);
    has_rung_ = !out.empty();
    return !out.empty();
}

void Inbox::close() {
    std::vector<Delivery> dropped;
    std::lock_guard lock(mutex_);
    is_closed_ = true;
    dropped.swap(waiting_);
}

void Inbox::setOwner() {
    own_inbox = this;
}

bool Inbox::isOwner() const {
    return own_inbox == this;
}

}  // namespace signalbox::http
