// Which daemon fetches an account when several work on one database. A lease ends by itself when its holder
// dies; two holders at once (a clock went wrong) fetch a page twice, which stores nothing twice. The only
// writer of the table poll_leases. Where no other process can write (SQLite) every lease is granted at once.
// Thread-safe.
#pragma once

#include <mutex>
#include <set>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/store/store.h"

namespace signalbox {

inline constexpr std::chrono::seconds kPollLease{30};

class PollLeases {
public:
    PollLeases(Store& store, const Clock& clock);
    // Gives back what is held.
    ~PollLeases();
    PollLeases(const PollLeases&) = delete;

    bool isShared() const { return !store_.isExclusive(); }
    // True: ours for kPollLease from now. False: another daemon's, or the database refuses. Waits for the
    // commit.
    bool acquire(Id account);
    // All that are held, for kPollLease from now; to be called well before they end.
    void renew();
    void release(Id account);

private:
    Store& store_;
    const Clock& clock_;
    const std::int64_t holder_;
    std::mutex mutex_;  // guards held_
    std::set<Id> held_;
};

}  // namespace signalbox
