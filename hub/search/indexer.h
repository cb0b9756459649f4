// Keeps the index up with the log: reads what happened, reads the rows it happened to, and writes what
// changed together with its cursor in one commit. A crash before that commit does it again, which changes
// nothing; on several nodes the one that moves the cursor first wins and the others start over from there.
#pragma once

#include <atomic>
#include <thread>

#include "base/clock.h"
#include "hub/log/event_log.h"
#include "hub/search/index.h"

namespace signalbox::search {

class Indexer {
public:
    Indexer(Store& store, Clock& clock, EventLog& log)
        : store_(store), clock_(clock), log_(log), index_(store) {}
    ~Indexer();

    void start();
    void stop();
    // The last offset that the index knows of.
    std::int64_t position() const { return position_; }
    // One step; false when there was nothing to do. For tests and the thread.
    bool step();

    // Empties the index and makes it anew from all rows; gives how many. The consumer goes on from what the
    // log was at the beginning. Throws StoreError.
    std::size_t rebuild();

private:
    void work(const std::stop_token& stop);
    void giveWay(const std::stop_token& stop);
    bool commit(const std::vector<Change>& changes, std::int64_t from, std::int64_t to);
    std::size_t rebuildFrom(std::string_view ids_after, Touched::Kind kind);

    Store& store_;
    Clock& clock_;
    EventLog& log_;
    const Index index_;
    std::atomic<std::int64_t> position_{-1};  // -1: to be read from the database
    std::jthread thread_;
};

// What an event says may have changed.
void addTouched(Reader& reader, const LogRecord& record, std::vector<Touched>& touched);

}  // namespace signalbox::search
