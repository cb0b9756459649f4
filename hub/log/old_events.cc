#include "hub/log/old_events.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::string_view kReadByAll = "SELECT COALESCE(MIN(log_offset), 0) FROM cursors";
constexpr std::string_view kHead = "SELECT COALESCE(MAX(log_offset), 0) FROM events";
constexpr std::string_view kForget =
    "DELETE FROM events WHERE created_at < $1 AND log_offset IN"
    " (SELECT log_offset FROM events WHERE log_offset <= $2 ORDER BY log_offset LIMIT $3)";

}  // namespace

Result<std::size_t> forgetOldEvents(Store& store, TimePoint before) {
    std::int64_t count = 0;
    const Status written = store.writeAndWait([&](Tx& tx) {
        const std::int64_t read = tx.query(kReadByAll).at(0).integer(0);
        const std::int64_t last = tx.query(kHead).at(0).integer(0);
        count = tx.exec(
            kForget, {toMicros(before), std::min(read, last - 1), static_cast<std::int64_t>(kEventsAtOnce)});
    });
    if (!written) return written.error();
    return static_cast<std::size_t>(count);
}

}  // namespace signalbox
