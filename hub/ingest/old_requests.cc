#include "hub/ingest/old_requests.h"

#include <vector>

namespace signalbox {
namespace {

constexpr std::int64_t kRequestsAtOnce = 500, kKeysAtOnce = 1'000;

constexpr std::string_view kForget =
    "DELETE FROM raw_requests WHERE id IN (SELECT id FROM raw_requests WHERE id < $1 AND state <> 1"
    " ORDER BY id LIMIT $2)";
// By their order, as no index knows their age.
constexpr std::string_view kKeys =
    "SELECT account, dedup_key, request FROM inbound_keys WHERE account >= $1"
    " AND (account > $1 OR dedup_key > $2) ORDER BY account, dedup_key LIMIT $3";
// What was understood of a callback in quarantine is not to be stored again by its replay.
constexpr std::string_view kForgetKey =
    "DELETE FROM inbound_keys WHERE account = $1 AND dedup_key = $2 AND NOT EXISTS"
    " (SELECT 1 FROM raw_requests r WHERE r.id = inbound_keys.request AND r.state = 1)";

}  // namespace

Result<bool> OldRequests::forgetSome(TimePoint before) {
    std::int64_t count = 0;
    const Status written = store_.writeAndWait([&](Tx& tx) {
        count = tx.exec(kForget, {firstIdAt(before), kRequestsAtOnce});
    });
    if (!written) return written.error();
    const auto has_more_keys = forgetKeys(before);
    if (!has_more_keys) return has_more_keys.error();
    return *has_more_keys || count == kRequestsAtOnce;
}

Result<bool> OldRequests::forgetKeys(TimePoint before) {
    Rows page;
    store_.read([&](Reader& reader) { page = reader.query(kKeys, {account_, key_, kKeysAtOnce}); });
    std::vector<const Row*> old;
    for (const Row& row : page)
        if (row.integer(2) < firstIdAt(before)) old.push_back(&row);
    if (!old.empty()) {
        const Status written = store_.writeAndWait([&](Tx& tx) {
            for (const Row* row : old) tx.exec(kForgetKey, {row->integer(0), row->text(1)});
        });
        if (!written) return written.error();
    }
    const bool has_more = page.size() == static_cast<std::size_t>(kKeysAtOnce);
    account_ = has_more ? page.back().integer(0) : 0;
    key_ = has_more ? page.back().text(1) : "";
    return has_more;
}

}  // namespace signalbox
