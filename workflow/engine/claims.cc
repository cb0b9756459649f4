#include "workflow/engine/claims.h"

#include <algorithm>
#include <cmath>

namespace signalbox::workflow {
namespace {

constexpr std::string_view kTake =
    "INSERT INTO run_claims (org, claim_key, owner, until_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (org, claim_key) DO UPDATE SET owner = excluded.owner, until_at = excluded.until_at"
    " WHERE run_claims.until_at <= $5";
constexpr std::string_view kSet =
    "INSERT INTO run_claims (org, claim_key, owner, until_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (org, claim_key) DO UPDATE SET owner = excluded.owner, until_at = excluded.until_at";
// Makes the row, or locks it: of two daemons one reads after the other has written.
constexpr std::string_view kLock =
    "INSERT INTO run_claims (org, claim_key, owner, until_at) VALUES ($1, $2, '', 0)"
    " ON CONFLICT (org, claim_key) DO UPDATE SET owner = run_claims.owner";
constexpr std::string_view kFind = "SELECT owner, until_at FROM run_claims WHERE org = $1 AND claim_key = $2";
// A few each time, so that what is over does not gather.
constexpr std::string_view kForget =
    "DELETE FROM run_claims WHERE org = $1 AND claim_key IN (SELECT claim_key FROM run_claims WHERE org = $1"
    " AND until_at > 0 AND until_at < $2 ORDER BY until_at LIMIT 10)";
constexpr std::int64_t kKept = 3600LL * 1'000'000;  // a slot is looked at soon after its time

std::string ownerOf(const ActionRequest& action) {
    return std::to_string(action.run) + "/" + action.path + "/" + action.node;
}

// Of this workflow's node alone.
std::string keyOf(const ActionRequest& action, const char* what) {
    return std::string(what) + "/" + action.workflow + "/" + action.node + "/" +
           textAt(action.request, "key");
}

double numberOf(const Json& request, const char* key) {
    const Json& value = memberAt(request, key);
    return value.is_number() ? value.get<double>() : 0;
}

struct Rate {
    std::int64_t now = 0, interval = 0, period = 0;  // µs
    bool may_wait = true;
};

// The generic cell rate algorithm: `until_at` is when the bucket is full again. Gives the slot's time, or
// nothing when there is none now.
std::optional<std::int64_t> nextSlot(std::int64_t full_at, const Rate& rate, std::int64_t& full_then) {
    full_then = std::max(full_at, rate.now) + rate.interval;
    const std::int64_t at = std::max(rate.now, full_then - rate.period);
    if (at > rate.now && !rate.may_wait) return std::nullopt;
    return at;
}

}  // namespace

Result<PreparedAction> Claims::take(const ActionRequest& action) const {
    const std::int64_t now = toMicros(action.now);
    const std::int64_t until = now + std::llround(numberOf(action.request, "window_s") * 1e6);
    return PreparedAction{Json::object(), [org = action.org, key = keyOf(action, "dedupe"),
                                           owner = ownerOf(action), now, until](Tx& tx) {
                              tx.exec(kForget, {org, now - kKept});
                              tx.exec(kTake, {org, key, owner, until, now});
                          }};
}

Result<PreparedAction> Claims::check(const ActionRequest& action) const {
    bool is_owner = false;
    const std::string key = keyOf(action, "dedupe");
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query(kFind, {action.org, key});
        is_owner = !rows.empty() && rows[0].text(0) == ownerOf(action);
    });
    return PreparedAction{{{"is_owner", is_owner}}, {}};
}

Result<PreparedAction> Claims::takeSlot(const ActionRequest& action) const {
    const double limit = std::max(numberOf(action.request, "limit"), 1.0);
    Rate rate;
    rate.now = toMicros(action.now);
    rate.period = std::llround(numberOf(action.request, "per_s") * 1e6);
    rate.interval = std::llround(static_cast<double>(rate.period) / limit);
    rate.may_wait = flagAt(action.request, "may_wait", true);
    return PreparedAction{
        Json::object(),
        [org = action.org, key = keyOf(action, "throttle"), owner = ownerOf(action), rate](Tx& tx) {
            tx.exec(kForget, {org, rate.now - kKept});
            tx.exec(kLock, {org, key});
            std::int64_t full_then = 0;
            const auto at = nextSlot(tx.query(kFind, {org, key}).at(0).integer(1), rate, full_then);
            if (at) tx.exec(kSet, {org, key, "", full_then});
            // Kept until it is looked at; the slot's time stands in the owner's place.
            const std::string slot = at ? std::to_string(*at) : "none";
            tx.exec(kSet, {org, "slot/" + owner, slot, at.value_or(rate.now) + kKept});
        }};
}

Result<PreparedAction> Claims::checkSlot(const ActionRequest& action) const {
    Json at;
    const std::string key = "slot/" + ownerOf(action);
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query(kFind, {action.org, key});
        if (!rows.empty() && rows[0].text(0) != "none")
            at = static_cast<std::int64_t>(std::strtoll(rows[0].text(0).c_str(), nullptr, 10));
    });
    PreparedAction out{{{"at", at}}, {}};
    if (at.is_number() && at > toMicros(action.now)) return out;  // it is looked at again then
    out.apply = [org = action.org, key](Tx& tx) {
        tx.exec("DELETE FROM run_claims WHERE org = $1 AND claim_key = $2", {org, key});
    };
    return out;
}

}  // namespace signalbox::workflow
