// Who fetches: a runner for each configured account whose connector polls. An account that hangs or fails
// holds up nobody else. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "daemon/polls/poll_runner.h"

namespace signalbox {

class Polls {
public:
    explicit Polls(PollRunner::Parts parts);
    ~Polls();

    // Makes the runners what the configuration says: starts new ones, stops those whose account changed or is
    // gone. Blocks until the stopped ones have ended.
    void run(const std::vector<ConnectedRef>& accounts);
    // Blocks until the pages under way are stored. Called again it does nothing.
    void stop();

    // False when the account is not fetched.
    bool fetchNow(Id account);
    std::optional<PollView> view(Id account) const;

private:
    void renewLeases(const std::stop_token& stop);

    const PollRunner::Parts parts_;
    Wakeup wakeup_;
    mutable std::mutex mutex_;
    std::map<Id, std::unique_ptr<PollRunner>> runners_;
    std::jthread renewer_;  // runs where leases are shared with other daemons
};

}  // namespace signalbox
