// A few reading connections that callers borrow for one read each. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>

#include "hub/store/connection.h"

namespace signalbox::store {

class ReaderPool {
public:
    using Open = std::function<std::unique_ptr<Connection>()>;

    // Connections are opened when they are needed, up to `size`.
    ReaderPool(Open open, std::size_t size) : open_(std::move(open)), size_(size) {}

    // One snapshot for all of `reads`. Waits up to 5 s for a free connection, so reads must not be nested
    // deeper than the pool. Throws StoreError.
    void read(const std::function<void(Reader&)>& reads);

    // Waits for the reads that run; later ones throw.
    void close();

private:
    std::unique_ptr<Connection> take();
    void giveBack(std::unique_ptr<Connection> connection);

    const Open open_;
    const std::size_t size_;
    std::mutex mutex_;  // guards these
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Connection>> idle_;
    std::size_t lent_ = 0;
    bool is_closed_ = false;
};

}  // namespace signalbox::store
