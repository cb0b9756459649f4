#include "daemon/http/responder.h"

#include "daemon/http/peer.h"

namespace signalbox::http {

void Responder::reply(HttpResponse response) const {
    impl_->reply(std::move(response));
}

Responder::Impl::~Impl() {
    if (!is_answered_.load(std::memory_order_relaxed))
        reply(problem(500, "internal_error", "the request was not answered"));
}

void Responder::Impl::reply(HttpResponse response) {
    if (is_answered_.exchange(true, std::memory_order_relaxed)) return;
    Delivery delivery{peer_, request_, std::move(response)};
    if (inbox_->isOwner()) {
        const auto peer = peer_.lock();
        if (peer && peer->isInHandler()) return peer->deliver(std::move(delivery));
    }
    inbox_->push(std::move(delivery));
}

}  // namespace signalbox::http
