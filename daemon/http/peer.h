// One open connection as its IoThread sees it: an HTTP connection, an event stream or a WebSocket. The thread
// owns its peers and is the only one to call them.
#pragma once

#include <list>
#include <memory>

#include "daemon/http/inbox.h"

namespace signalbox::http {

class Peer : public std::enable_shared_from_this<Peer> {
public:
    virtual ~Peer() = default;

    // An answer, or the news that a stream has something to send.
    virtual void deliver(Delivery delivery) = 0;
    // About four times a second: time-outs live here, so that a request costs no timer.
    virtual void tick() = 0;
    // The server stops: finish what is under way, begin nothing new.
    virtual void drain() = 0;
    // Closes the socket at once.
    virtual void abort() = 0;
    // The handler is running right now on this thread: an answer need not go through the inbox.
    virtual bool isInHandler() const { return false; }

private:
    friend class IoThread;
    std::list<std::shared_ptr<Peer>>::iterator place_;
    bool is_listed_ = false;
};

}  // namespace signalbox::http
