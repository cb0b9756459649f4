// Sends what is due. One thread plans: it leases rows (the lease is committed before anything leaves), hands
// them to a bounded pool, and what a try came to is written together with its effects. A row is in one pair
// of hands at a time, a lane in order; a crash between lease and result is made good at the next start.
// Thread-safe. The store is closed before the dispatcher goes: its writer rings the bell here.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/worker_pool.h"
#include "daemon/app/connector_set.h"
#include "daemon/delivery/attempt.h"
#include "daemon/delivery/endpoints.h"
#include "hub/outbox/outbox_queries.h"

namespace signalbox {

struct DeliveryOptions {
    EndpointLimits limits;
    std::chrono::seconds lease{60};             // renewed while a try takes longer
    std::chrono::hours keep_finished{24 * 30};  // then rows are deleted
};

// For /metrics and the status page.
struct DeliveryHealth {
    OutboxFigures figures;
    std::optional<std::chrono::seconds> oldest_pending_age;
    std::size_t in_flight = 0;
    std::size_t unwritten = 0;  // results that the database would not take yet
    std::vector<EndpointView> endpoints;
};

class Dispatcher {
public:
    using ConnectedLookup = std::function<ConnectedRef(Id account)>;

    // Before the store's first write: it listens to the outbox.
    Dispatcher(Store& store, Outbox& outbox, const Files& files, Clock& clock, ConnectedLookup connectors,
               DeliveryOptions options = {});
    ~Dispatcher();

    // Settles what a crash left in the middle, then sends. Blocks until that is on disk.
    Status start();
    // Leases nothing more, lets tries in flight end until `deadline`, then asks them to stop. Nothing is
    // lost: what has no result on disk is settled by the next `start`. Called again it does nothing.
    void stop(TimePoint deadline);

    DeliveryHealth health() const;

private:
    struct Finished;
    using FinishedRef = std::shared_ptr<Finished>;  // shared by the write and its callback

    void schedule(const std::stop_token& stop);
    TimePoint round();
    void maintain(TimePoint now);
    void look();
    void heartbeat(TimePoint now);
    void rewrite(TimePoint now);

    void startLease(const Endpoints::Plan& plan);
    void cancelLease(const Endpoints::Plan& plan, TimePoint look_again_at);
    void onLeased(const Endpoints::Plan& plan, Outbox::Leased leased, const Status& status);
    void handOut(Lease lease);
    void giveBack(const Lease& lease);
    void run(const Lease& lease);
    Status noteLeaving(const Lease& lease, const Leaving& leaving);
    void report(const Finished& finished, const std::string& account);
    void write(FinishedRef finished);
    void onWritten(const FinishedRef& finished, const Status& status);
    void forget(Id outbox);
    void submit(Writes writes, Written done);
    bool isIdle() const;

    Store& store_;
    Outbox& outbox_;
    const Files& files_;
    Clock& clock_;
    const ConnectedLookup connectors_;
    const DeliveryOptions options_;

    mutable std::mutex mutex_;  // guards from here …
    Endpoints endpoints_;
    std::map<Id, Lease> in_flight_;
    std::vector<FinishedRef> unwritten_;
    TimePoint rewrite_at_{};
    std::size_t writes_ = 0;  // given to the store, callback not ended
    std::set<Id> blocked_;    // accounts that were reported so
    TimePoint next_maintenance_{};
    // … to here

    Wakeup wakeup_, idle_;
    std::atomic<bool> is_stopping_ = false;
    std::stop_source hurry_;
    std::unique_ptr<WorkerPool> senders_, fetchers_;
    std::jthread scheduler_;
};

}  // namespace signalbox
