#include "hub/ingest/quarantine.h"

#include <limits>

#include "base/json.h"

namespace signalbox {
namespace {

constexpr std::string_view kList =
    "SELECT id, account, reason, received_at, method, target FROM raw_requests"
    " WHERE org = $1 AND state = 1 AND id < $2 AND (account = $3 OR $3 = 0) AND ($4 = 0 OR account IN"
    " (SELECT a.id FROM accounts a WHERE a.owner = $4)) ORDER BY id DESC LIMIT $5";
constexpr std::string_view kLoad =
    "SELECT id, account, reason, received_at, method, target, headers, body FROM raw_requests WHERE org = $1 "
    "AND id = $2 AND state <> 0";

QuarantinedRequest fromRow(const Row& row) {
    QuarantinedRequest kept{row.integer(0), row.integer(1), row.text(2), fromMicros(row.integer(3)), {}};
    kept.request.method = row.text(4);
    kept.request.target = row.text(5);
    return kept;
}

}  // namespace

std::vector<QuarantinedRequest> listQuarantined(Store& store, const QuarantineFilter& filter,
                                                std::size_t limit) {
    std::vector<QuarantinedRequest> found;
    const Id below = filter.before == 0 ? std::numeric_limits<Id>::max() : filter.before;
    store.read([&](Reader& reader) {
        for (const Row& row : reader.query(
                 kList, {filter.org, below, filter.account, filter.owner, static_cast<std::int64_t>(limit)}))
            found.push_back(fromRow(row));
    });
    return found;
}

std::optional<QuarantinedRequest> loadQuarantined(Store& store, Id org, Id request) {
    std::optional<QuarantinedRequest> found;
    store.read([&](Reader& reader) {
        const Rows rows = reader.query(kLoad, {org, request});
        if (rows.empty()) return;
        found = fromRow(rows[0]);
        found->request.body = rows[0].text(7);
        const auto headers = parseJson(rows[0].text(6));
        if (!headers) return;
        for (const Json& pair : *headers) {
            if (pair.is_array() && pair.size() == 2) found->request.headers.add(pair[0], pair[1]);
        }
    });
    return found;
}

}  // namespace signalbox
