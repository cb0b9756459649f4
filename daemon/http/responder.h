// The inside of a Responder: where its answer goes. Made by a connection for each request.
#pragma once

#include <atomic>

#include "daemon/http/inbox.h"
#include "daemon/http/server.h"

namespace signalbox::http {

class Responder::Impl {
public:
    Impl(std::shared_ptr<Inbox> inbox, std::weak_ptr<Peer> peer, std::uint64_t request)
        : inbox_(std::move(inbox)), peer_(std::move(peer)), request_(request) {}
    // Nobody answered: the client must not wait for ever.
    ~Impl();

    void reply(HttpResponse response);

private:
    const std::shared_ptr<Inbox> inbox_;
    const std::weak_ptr<Peer> peer_;
    const std::uint64_t request_;
    std::atomic<bool> is_answered_{false};
};

}  // namespace signalbox::http
