// Keeps the index up with the log: reads what happened, reads the rows it happened to, and writes what
// changed together with its cursor in one commit. A crash before that commit does it again, which changes
// nothing; on several nodes the one that moves the cursor first wins and the others start over from there.
#pragma once

#include "base/clock.h"
#include "hub/log/log_consumer.h"
#include "hub/search/index.h"

namespace signalbox::search {

class Indexer {
public:
    Indexer(Store& store, Clock& clock, EventLog& log);

    void start();
    void stop() { consumer_.stop(); }
    // One step; false when there was nothing to do. For tests and the thread.
    bool step();

    // Empties the index and makes it anew from all rows; gives how many. The consumer goes on from what the
    // log was at the beginning. Throws StoreError.
    std::size_t rebuild();

private:
    void giveWay(const std::stop_token& stop);
    std::size_t rebuildFrom(std::string_view ids_after, Touched::Kind kind);

    Store& store_;
    Clock& clock_;
    EventLog& log_;
    const Index index_;
    LogConsumer consumer_;
};

// What an event says may have changed.
void addTouched(Reader& reader, const LogRecord& record, std::vector<Touched>& touched);

}  // namespace signalbox::search
