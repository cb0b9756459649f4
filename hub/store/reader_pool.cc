#include "hub/store/reader_pool.h"

namespace signalbox::store {
namespace {

constexpr std::chrono::seconds kPatience{5};

class ConnectionReader : public Reader {
public:
    explicit ConnectionReader(Connection& connection) : connection_(connection) {}
    Rows query(std::string_view sql, std::span<const Value> values) override {
        return connection_.query(sql, values);
    }

private:
    Connection& connection_;
};

}  // namespace

void ReaderPool::read(const std::function<void(Reader&)>& reads) {
    auto connection = take();
    try {
        connection->beginReading();
        ConnectionReader reader(*connection);
        reads(reader);
    } catch (...) {  // only to give the connection back; the caller gets the exception
        connection->rollback();
        giveBack(std::move(connection));
        throw;
    }
    connection->rollback();
    giveBack(std::move(connection));
}

std::unique_ptr<Connection> ReaderPool::take() {
    {
        std::unique_lock lock(mutex_);
        const auto is_free = [&] { return is_closed_ || lent_ < size_; };
        if (!returned_.wait_for(lock, kPatience, is_free))
            throw StoreError(StoreError::Kind::Busy, "all reading connections are in use");
        if (is_closed_) throw StoreError(StoreError::Kind::Disconnected, "the store is closed");
        ++lent_;
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return connection;
        }
    }
    try {
        return open_();
    } catch (...) {  // the place in the pool is free again; the caller gets the exception
        giveBack(nullptr);
        throw;
    }
}

void ReaderPool::giveBack(std::unique_ptr<Connection> connection) {
    {
        std::lock_guard lock(mutex_);
        --lent_;
        if (connection) idle_.push_back(std::move(connection));
    }
    returned_.notify_all();
}

void ReaderPool::close() {
    std::unique_lock lock(mutex_);
    is_closed_ = true;
    returned_.notify_all();
    returned_.wait(lock, [&] { return lent_ == 0; });
    idle_.clear();
}

}  // namespace signalbox::store
