#include "connectors/sdk/connection_pool.h"

#include <algorithm>

namespace signalbox {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxIdle = 64;
// Common servers close after 5 s of silence and more. A request that crosses such a close on its way would
// end as «uncertain», so ours are given up before.
constexpr std::chrono::seconds kMaxSilence{4};

}  // namespace

std::unique_ptr<Connection> ConnectionPool::take(const std::string& origin) {
    std::deque<Idle> stale;  // closed after the lock is gone
    std::lock_guard lock(mutex_);
    const auto oldest = steady_clock::now() - kMaxSilence;
    while (!idle_.empty() && idle_.front().since < oldest) {
        stale.push_back(std::move(idle_.front()));
        idle_.pop_front();
    }
    for (auto it = idle_.rbegin(); it != idle_.rend();) {
        if (it->origin != origin) {
            ++it;
            continue;
        }
        auto connection = std::move(it->connection);
        it = std::make_reverse_iterator(idle_.erase(std::next(it).base()));
        if (connection->isQuiet()) return connection;
    }
    return nullptr;
}

void ConnectionPool::put(const std::string& origin, std::unique_ptr<Connection> connection) {
    std::lock_guard lock(mutex_);
    idle_.push_back({origin, std::move(connection), steady_clock::now()});
    if (idle_.size() > kMaxIdle) idle_.pop_front();
}

}  // namespace signalbox
