#include "hub/ingest/housekeeping.h"

namespace signalbox {

Status forgetOldParked(Store& store, TimePoint now) {
    const std::int64_t before = toMicros(now - std::chrono::hours{24 * 7});
    return store.writeAndWait([&](Tx& tx) { tx.exec("DELETE FROM parked WHERE parked_at < $1", {before}); });
}

std::int64_t countQuarantined(Store& store) {
    std::int64_t count = 0;
    store.read([&](Reader& reader) {
        count = reader.query("SELECT COUNT(*) FROM raw_requests WHERE state = 1").at(0).integer(0);
    });
    return count;
}

}  // namespace signalbox
