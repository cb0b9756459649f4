#include "hub/log/event_log.h"

#include <algorithm>
#include <limits>

namespace signalbox {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO events (log_offset, org, type, account, conversation, payload, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kSelect =
    "SELECT log_offset, org, type, account, conversation, payload, created_at FROM events"
    " WHERE log_offset > $1 ORDER BY log_offset LIMIT $2";
constexpr std::size_t kPiece = 32;  // records of a query

LogRecordRef fromRow(const Row& row) {
    return std::make_shared<const LogRecord>(LogRecord{row.integer(0), row.integer(1), row.text(2),
                                                       row.integer(3), row.integer(4), row.text(5),
                                                       fromMicros(row.integer(6))});
}

std::size_t sizeOf(const LogRecord& record) {
    return sizeof record + record.payload.size();
}

}  // namespace

EventLog::EventLog(Store& store, const Clock& clock, std::size_t tail_capacity, std::size_t tail_bytes)
    : store_(store), clock_(clock), tail_capacity_(tail_capacity), tail_limit_(tail_bytes) {
    head_ = readHead();
    store_.onRollback([this] { is_staging_torn_ = true; });
    store_.onCommitted([this] { publish(); });
}

std::int64_t EventLog::append(Tx& tx, const Event& event) {
    const TimePoint now = clock_.now();
    const std::int64_t offset = tx.nextOffset();
    tx.exec(kInsert,
            {offset, event.org, event.type, event.account, event.conversation, event.payload, toMicros(now)});
    staged_.push_back(
        std::make_shared<const LogRecord>(LogRecord{offset, event.org, std::string(event.type), event.account,
                                                    event.conversation, std::string(event.payload), now}));
    return offset;
}

void EventLog::publish() {
    if (is_staging_torn_) {  // which of the staged records were rolled back is not known here: ask the
                             // database
        std::int64_t known = 0;
        {
            std::lock_guard lock(mutex_);
            known = head_;
        }
        staged_ = readAfter(known, tail_capacity_, std::numeric_limits<std::size_t>::max());
        is_staging_torn_ = false;
    }
    if (staged_.empty()) return;
    {
        std::lock_guard lock(mutex_);
        for (auto& record : staged_) keep(std::move(record));
    }
    staged_.clear();
    grown_.notify_all();
    for (const auto& listener : listeners_) listener();
}

// Large payloads push out more of what is older: a few thousand files in callbacks would fill the memory
// else.
void EventLog::keep(LogRecordRef record) {
    if (!tail_.empty() && record->offset != tail_.back()->offset + 1) {
        tail_.clear();
        tail_bytes_ = 0;
    }
    head_ = record->offset;
    tail_bytes_ += sizeOf(*record);
    tail_.push_back(std::move(record));
    while (tail_.size() > tail_capacity_ || (tail_bytes_ > tail_limit_ && tail_.size() > 1)) {
        tail_bytes_ -= sizeOf(*tail_.front());
        tail_.pop_front();
    }
}

std::size_t EventLog::tailBytes() const {
    std::lock_guard lock(mutex_);
    return tail_bytes_;
}

std::int64_t EventLog::head() const {
    if (!store_.isExclusive()) return readHead();  // other nodes append as well
    std::lock_guard lock(mutex_);
    return head_;
}

std::int64_t EventLog::readHead() const {
    std::int64_t head = 0;
    store_.read([&](Reader& reader) {
        head = reader.query("SELECT COALESCE(MAX(log_offset), 0) FROM events").at(0).integer(0);
    });
    return head;
}

std::vector<LogRecordRef> EventLog::after(std::int64_t offset, std::size_t limit) const {
    {
        std::lock_guard lock(mutex_);
        if (store_.isExclusive() && offset >= head_) return {};
        if (!tail_.empty() && tail_.front()->offset <= offset + 1 && offset < head_) {
            const auto from = tail_.begin() + (offset + 1 - tail_.front()->offset);
            const auto count = std::min<std::size_t>(limit, static_cast<std::size_t>(tail_.end() - from));
            return {from, from + static_cast<std::ptrdiff_t>(count)};
        }
    }
    return readAfter(offset, limit, tail_limit_);
}

// In pieces, so that a consumer that is far behind large payloads gets as much as the tail may hold, not
// `limit` of the largest.
std::vector<LogRecordRef> EventLog::readAfter(std::int64_t offset, std::size_t limit,
                                              std::size_t max_bytes) const {
    std::vector<LogRecordRef> records;
    std::size_t bytes = 0;
    store_.read([&](Reader& reader) {
        while (records.size() < limit && bytes < max_bytes) {
            const std::size_t piece = std::min(limit - records.size(), kPiece);
            const std::int64_t from = records.empty() ? offset : records.back()->offset;
            const Rows rows = reader.query(kSelect, {from, static_cast<std::int64_t>(piece)});
            for (const Row& row : rows) {
                records.push_back(fromRow(row));
                bytes += sizeOf(*records.back());
            }
            if (rows.size() < piece) return;
        }
    });
    return records;
}

void EventLog::waitBeyond(std::int64_t offset, std::chrono::milliseconds longest,
                          const std::stop_token& stop) const {
    using namespace std::chrono_literals;
    // Another node's commits ring no bell here: look again soon.
    const auto span = store_.isExclusive() ? longest : std::min(longest, 100ms);
    std::unique_lock lock(mutex_);
    grown_.wait_for(lock, stop, span, [&] { return head_ > offset; });
}

void EventLog::onAppended(std::function<void()> listener) {
    listeners_.push_back(std::move(listener));
}

std::int64_t readCursor(Store& store, std::string_view consumer) {
    std::int64_t offset = 0;
    store.read([&](Reader& reader) {
        const Rows rows = reader.query("SELECT log_offset FROM cursors WHERE consumer = $1", {consumer});
        if (!rows.empty()) offset = rows[0].integer(0);
    });
    return offset;
}

void saveCursor(Tx& tx, std::string_view consumer, std::int64_t offset, TimePoint now) {
    tx.exec(
        "INSERT INTO cursors (consumer, log_offset, moved_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (consumer) DO UPDATE SET log_offset = $2, moved_at = $3",
        {consumer, offset, toMicros(now)});
}

}  // namespace signalbox
