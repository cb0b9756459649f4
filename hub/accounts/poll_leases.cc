#include "hub/accounts/poll_leases.h"

#include "base/crypto.h"

namespace signalbox {
namespace {

constexpr std::string_view kAcquire =
    "INSERT INTO poll_leases (account, holder, held_until) VALUES ($1, $2, $3) ON CONFLICT (account)"
    " DO UPDATE SET holder = $2, held_until = $3"
    " WHERE poll_leases.holder = $2 OR poll_leases.held_until < $4 RETURNING holder";
constexpr std::string_view kRenew = "UPDATE poll_leases SET held_until = $1 WHERE holder = $2";
constexpr std::string_view kRelease = "DELETE FROM poll_leases WHERE account = $1 AND holder = $2";
constexpr std::string_view kReleaseAll = "DELETE FROM poll_leases WHERE holder = $1";

std::int64_t newHolder() {
    return static_cast<std::int64_t>(randomNumber() >> 2) + 1;
}

}  // namespace

PollLeases::PollLeases(Store& store, const Clock& clock)
    : store_(store), clock_(clock), holder_(newHolder()) {}

PollLeases::~PollLeases() {
    std::lock_guard lock(mutex_);
    if (held_.empty()) return;
    // Refused: they end by themselves.
    (void)store_.writeAndWait([this](Tx& tx) { tx.exec(kReleaseAll, {holder_}); });
}

bool PollLeases::acquire(Id account) {
    if (!isShared()) return true;
    bool is_ours = false;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        const TimePoint now = clock_.now();
        is_ours = !tx.query(kAcquire, {account, holder_, toMicros(now + kPollLease), toMicros(now)}).empty();
    });
    std::lock_guard lock(mutex_);
    if (!written || !is_ours) {
        held_.erase(account);
        return false;
    }
    held_.insert(account);
    return true;
}

void PollLeases::renew() {
    {
        std::lock_guard lock(mutex_);
        if (held_.empty()) return;
    }
    store_.write(
        [this, until = toMicros(clock_.now() + kPollLease)](Tx& tx) {
            tx.exec(kRenew, {until, holder_});
        },
        [](const Status&) {});  // said again soon
}

void PollLeases::release(Id account) {
    {
        std::lock_guard lock(mutex_);
        if (held_.erase(account) == 0) return;
    }
    store_.write([this, account](Tx& tx) { tx.exec(kRelease, {account, holder_}); }, [](const Status&) {});
}

}  // namespace signalbox
