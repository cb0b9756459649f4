// The event log: what happened, numbered in the order of commits without a gap. The offset is the resume
// token of every consumer: workflows, the live feed, webhooks out. Events are written inside the commit of
// what they tell.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/store/store.h"

namespace signalbox {

struct Event {
    Id org = 0;
    std::string_view type;  // "message.received", "message.status", "webhook.received", "outbox.finished" …
    Id account = 0;         // 0: none
    Id conversation = 0;    // 0: none
    std::string_view payload;  // a JSON object; schemas/events says what is in it
};

struct LogRecord {
    std::int64_t offset = 0;
    Id org = 0;
    std::string type;
    Id account = 0;
    Id conversation = 0;
    std::string payload;
    TimePoint at{};
};
using LogRecordRef = std::shared_ptr<const LogRecord>;

// Thread-safe, except `append` (inside Writes only).
class EventLog {
public:
    // `store` outlives the log and is closed before the log goes. The newest `tail_capacity` records, of
    // `tail_bytes` together, stay in memory for consumers that keep up.
    EventLog(Store& store, const Clock& clock, std::size_t tail_capacity = 16'384,
             std::size_t tail_bytes = 16 * 1024 * 1024);
    // What the tail takes at the moment.
    std::size_t tailBytes() const;

    // Returns the event's offset. Visible to readers once the group is committed.
    std::int64_t append(Tx& tx, const Event& event);

    // Offset of the newest committed record, 0 when there is none.
    std::int64_t head() const;
    // Up to `limit` records with an offset above `offset`, in order; fewer when they are large. Empty when
    // there are none (yet).
    std::vector<LogRecordRef> after(std::int64_t offset, std::size_t limit) const;
    // Returns when a record above `offset` may be there, or after `longest`, or when stopped.
    void waitBeyond(std::int64_t offset, std::chrono::milliseconds longest,
                    const std::stop_token& stop) const;
    // Called after each commit that appended something, on the writer thread: be quick. Register before the
    // first write.
    void onAppended(std::function<void()> listener);

private:
    void publish();
    void keep(LogRecordRef record);
    std::int64_t readHead() const;
    std::vector<LogRecordRef> readAfter(std::int64_t offset, std::size_t limit, std::size_t max_bytes) const;

    Store& store_;
    const Clock& clock_;
    const std::size_t tail_capacity_, tail_limit_;  // records, bytes
    std::vector<LogRecordRef> staged_;              // of the open group; writer thread only
    bool is_staging_torn_ = false;  // something of the open group was rolled back; writer thread only

    mutable std::mutex mutex_;
    mutable std::condition_variable_any grown_;
    std::deque<LogRecordRef> tail_;  // contiguous offsets
    std::size_t tail_bytes_ = 0;
    std::int64_t head_ = 0;
    std::vector<std::function<void()>> listeners_;
};

// How far a consumer has read. Saved inside Writes, together with what the consumer made of the records.
std::int64_t readCursor(Store& store, std::string_view consumer);
void saveCursor(Tx& tx, std::string_view consumer, std::int64_t offset, TimePoint now);

}  // namespace signalbox
