// Fetches for one account, on a thread of its own: asks the connector for a page, puts its files into the
// file store, and hands it to ingest, which commits it with the new cursor. Failures are answered with a
// growing, jittered wait; nothing is ever switched off by an error. The thread belongs to the runner; all
// else from any thread.
#pragma once

#include <mutex>
#include <thread>

#include "daemon/app/connector_set.h"
#include "hub/accounts/poll_leases.h"
#include "hub/ingest/page_ingest.h"

namespace signalbox {

// What people see of an account that is fetched.
struct PollView {
    std::string state = "connected";  // connected, degraded, reauth, disabled
    std::string error;
    std::int64_t failures = 0;
    std::optional<TimePoint> last_sync_at, next_try_at;
    std::int64_t done = 0, total = 0;  // of a catch-up
    std::int64_t fetched = 0;          // messages since the start of the daemon
    std::string warning;               // what is left out
};

// Puts what is large of an item into the file store. Throws when the disk refuses: then it comes again.
FetchedMail withFilesKept(PolledItem item, const BlobStore& blobs);

class PollRunner {
public:
    struct Parts {
        Store& store;
        PageIngest& ingest;
        Files& files;
        Clock& clock;
        PollLeases& leases;
        EventLog& log;
    };
    PollRunner(Parts parts, ConnectedRef connected);
    // Stops the thread; waits for the page under way.
    ~PollRunner();
    PollRunner(const PollRunner&) = delete;

    const ConnectedRef& connected() const { return connected_; }
    void requestStop();
    // Ends a wait for news or for the next try.
    void fetchNow();
    PollView view() const;

private:
    void run(const std::stop_token& stop);
    void round(const std::stop_token& stop);
    bool isDisabled(const std::stop_token& stop);
    bool isOurs(const std::stop_token& stop);
    void readState();
    bool wasAskedMeanwhile() const;
    Result<Page> poll(const std::stop_token& stop);
    Result<PageStored> keep(Page page);
    void succeeded(const Page& page, const PageStored& stored);
    // Says so, and waits until the next try.
    void failed(const Error& error, const std::stop_token& stop);
    void wait(std::chrono::microseconds length, const std::stop_token& stop);
    void saveState(bool is_told);

    const Parts parts_;
    const ConnectedRef connected_;
    PollState state_;       // of the runner's thread
    bool is_held_ = false;  // of the runner's thread: the lease was ours in the round before
    Wakeup wakeup_;

    mutable std::mutex mutex_;  // guards from here …
    PollView view_;
    std::stop_source round_stop_;
    bool is_asked_ = false;
    // … to here
    std::jthread thread_;
};

}  // namespace signalbox
