#include "daemon/delivery/dispatcher.h"

#include <algorithm>
#include <limits>

#include "base/log.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kMaintenance = 15s;
constexpr auto kOtherNodes = 1s;    // how soon rows that another node put in are seen
constexpr auto kStoreRefused = 1s;  // until the database is asked again
constexpr auto kNotConfigured = 5s;
constexpr std::size_t kRecoverAtOnce = 200;

}  // namespace

// A try's result until it is on disk.
struct Dispatcher::Finished {
    Lease lease;
    TryResult result;
    std::optional<Endpoints::BreakerChange> breaker;
    bool is_accepted = false;  // of the last time the write ran
    bool was_refused = false;
};

Dispatcher::Dispatcher(Store& store, Outbox& outbox, const Files& files, Clock& clock,
                       ConnectedLookup connectors, DeliveryOptions options)
    : store_(store),
      outbox_(outbox),
      files_(files),
      clock_(clock),
      connectors_(std::move(connectors)),
      options_(options),
      endpoints_(options.limits) {
    outbox_.onDue([this](const std::vector<Outbox::Due>& rows) {
        {
            std::lock_guard lock(mutex_);
            for (const auto& row : rows) endpoints_.due(row.endpoint, row.at);
        }
        wakeup_.notify();
    });
}

Dispatcher::~Dispatcher() {
    stop(clock_.now());
}

Status Dispatcher::start() {
    // One database, one process: whoever held these leases is dead. Else only leases that ran out are taken.
    const TimePoint lapsed = store_.isExclusive() ? TimePoint::max() : clock_.now();
    std::size_t recovered = 0;
    do {
        const auto written =
            store_.writeAndWait([&](Tx& tx) { recovered = outbox_.recover(tx, lapsed, kRecoverAtOnce); });
        if (!written) return withContext("delivery", written.error());
    } while (recovered > 0);
    const auto breakers = readBreakers(store_);
    const auto due = readDueEndpoints(store_);
    {
        std::lock_guard lock(mutex_);
        for (const auto& breaker : breakers) endpoints_.restore(breaker);
        for (const auto& key : due) endpoints_.due(key, clock_.now());
    }
    senders_ =
        std::make_unique<WorkerPool>("delivery", options_.limits.send_slots, options_.limits.send_slots);
    fetchers_ =
        std::make_unique<WorkerPool>("media", options_.limits.media_slots, options_.limits.media_slots);
    scheduler_ = std::jthread([this](const std::stop_token& stop) { schedule(stop); });
    return Done{};
}

void Dispatcher::stop(TimePoint deadline) {
    if (!scheduler_.joinable()) return;
    is_stopping_ = true;
    scheduler_.request_stop();
    scheduler_.join();
    while (!isIdle() && clock_.now() < deadline) clock_.wait(idle_, deadline, {});
    hurry_.request_stop();
    senders_->stop();
    fetchers_->stop();
    rewrite(TimePoint::max());
    // The store calls back for each write, sooner or later; until then it holds a reference to us.
    while (true) {
        {
            std::lock_guard lock(mutex_);
            if (writes_ == 0) return;
        }
        clock_.wait(idle_, clock_.now() + 1s, {});
    }
}

bool Dispatcher::isIdle() const {
    std::lock_guard lock(mutex_);
    return in_flight_.empty() && writes_ == 0;
}

void Dispatcher::schedule(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        TimePoint next = clock_.now() + kStoreRefused;
        try {
            next = round();
        } catch (const StoreError& error) {
            log::error("delivery_round_failed", {{"error", error.message}});
        }
        clock_.wait(wakeup_, next, stop);
    }
}

TimePoint Dispatcher::round() {
    const TimePoint now = clock_.now();
    maintain(now);
    std::vector<Endpoints::Plan> plans;
    TimePoint next;
    {
        std::lock_guard lock(mutex_);
        plans = endpoints_.plan(now);
        next = std::min(endpoints_.nextLook(now), next_maintenance_);
        if (!unwritten_.empty()) next = std::min(next, rewrite_at_);
    }
    for (const auto& plan : plans) startLease(plan);
    return next;
}

void Dispatcher::maintain(TimePoint now) {
    rewrite(now);
    {
        std::lock_guard lock(mutex_);
        if (now < next_maintenance_) return;
        next_maintenance_ = now + (store_.isExclusive() ? kMaintenance : kOtherNodes);
        endpoints_.forgetIdle(now);
    }
    heartbeat(now);
    if (!store_.isExclusive()) look();
    const TimePoint keep_after = now - options_.keep_finished;
    const auto has_more = std::make_shared<bool>(false);  // shared by the write and its callback
    submit(
        [this, keep_after, now, has_more](Tx& tx) {
            if (!store_.isExclusive()) outbox_.recover(tx, now, kRecoverAtOnce);
            *has_more = outbox_.tidy(tx, keep_after);
        },
        [this, now, has_more](const Status& status) {
            if (!status || !*has_more) return;  // refused: the next round does it
            {
                std::lock_guard lock(mutex_);
                next_maintenance_ = now;
            }
            wakeup_.notify();
        });
}

// What another node put in rings no bell here.
void Dispatcher::look() {
    const auto due = readDueEndpoints(store_);
    std::lock_guard lock(mutex_);
    for (const auto& key : due) endpoints_.due(key, clock_.now());
}

void Dispatcher::heartbeat(TimePoint now) {
    const TimePoint until = now + options_.lease;
    std::vector<Lease> aging;
    {
        std::lock_guard lock(mutex_);
        for (auto& [id, lease] : in_flight_) {
            if (lease.until > now + options_.lease / 2) continue;
            lease.until = until;
            aging.push_back(lease);
        }
    }
    if (aging.empty()) return;
    submit(
        [this, aging = std::move(aging), until](Tx& tx) {
            for (const Lease& lease : aging) outbox_.extend(tx, lease, until);
        },
        [](const Status&) {});
}

void Dispatcher::startLease(const Endpoints::Plan& plan) {
    const auto connected = connectors_(plan.key.account);
    if (!connected || !connected->connector) return cancelLease(plan, clock_.now() + kNotConfigured);
    if (plan.key.name != kMediaEndpoint) {
        const Sender* const sender = connected->connector->sender();
        std::unique_lock lock(mutex_);
        // Errands share one connection: whoever waits for it would keep a thread from others.
        const std::size_t most = plan.key.name == kMailboxEndpoint ? 1
                                 : sender == nullptr               ? 0
                                                                   : sender->atOnce();
        const bool is_new_most = endpoints_.setMost(plan.key, most);
        if (endpoints_.setRate(plan.key, connected->rate_per_s) || is_new_most) {
            lock.unlock();
            return cancelLease(plan, clock_.now());  // planned without knowing the limit
        }
    }
    const auto leased = std::make_shared<Outbox::Leased>();  // shared by the write and its callback
    submit(
        [this, plan, leased](Tx& tx) { *leased = outbox_.lease(tx, plan.key, plan.limit, options_.lease); },
        [this, plan, leased](const Status& status) { onLeased(plan, std::move(*leased), status); });
}

void Dispatcher::cancelLease(const Endpoints::Plan& plan, TimePoint look_again_at) {
    {
        std::lock_guard lock(mutex_);
        endpoints_.pause(plan.key, look_again_at);
        endpoints_.leased(plan, 0, look_again_at);
    }
    wakeup_.notify();
}

void Dispatcher::onLeased(const Endpoints::Plan& plan, Outbox::Leased leased, const Status& status) {
    if (!status) {  // none of it is in the database
        leased.rows.clear();
        leased.next_due = clock_.now() + kStoreRefused;
    }
    {
        std::lock_guard lock(mutex_);
        endpoints_.leased(plan, leased.rows.size(), leased.next_due);
        for (const Lease& lease : leased.rows) in_flight_.emplace(lease.id, lease);
    }
    for (Lease& lease : leased.rows) handOut(std::move(lease));
    wakeup_.notify();
}

void Dispatcher::handOut(Lease lease) {
    if (is_stopping_) return giveBack(lease);
    WorkerPool& pool = lease.kind == OutboxKind::Media ? *fetchers_ : *senders_;
    const auto shared = std::make_shared<const Lease>(std::move(lease));  // std::function wants to copy
    if (!pool.trySubmit([this, shared] { run(*shared); })) giveBack(*shared);
}

void Dispatcher::giveBack(const Lease& lease) {
    submit([this, lease](Tx& tx) { outbox_.release(tx, {lease}); },
           [this, id = lease.id](const Status&) { forget(id); });
}

Status Dispatcher::noteLeaving(const Lease& lease, const Leaving& leaving) {
    bool is_ours = false;
    const Status written =
        store_.writeAndWait([&](Tx& tx) { is_ours = outbox_.noteLeaving(tx, lease, leaving); });
    if (!written) return written;
    if (is_ours) return Done{};
    return Error{ErrorKind::Unavailable, "send: somebody else tries it meanwhile", {}, "lease_lost"};
}

void Dispatcher::run(const Lease& lease) {
    if (hurry_.stop_requested()) return giveBack(lease);
    const auto connected = connectors_(lease.account);
    Attempted attempted = attempt(
        lease, connected.get(), files_.blobs(), clock_,
        [&](const Leaving& leaving) { return noteLeaving(lease, leaving); }, hurry_.get_token());
    const auto finished = std::make_shared<Finished>();
    finished->lease = lease;
    finished->result = std::move(attempted.result);
    const EndpointKey key{lease.account, lease.endpoint};
    {
        std::lock_guard lock(mutex_);
        finished->breaker = endpoints_.judge(key, attempted.verdict, clock_.now());
        if (attempted.pause) endpoints_.pause(key, clock_.now() + *attempted.pause);
    }
    report(*finished, connected ? connected->account->name : "");
    write(finished);
}

// What concerns a whole account is worth a line, once; what happens to a single message is in the database.
void Dispatcher::report(const Finished& finished, const std::string& account) {
    if (finished.breaker) {
        log::warn(finished.breaker->is_open ? "breaker_opened" : "breaker_closed",
                  {{"account", account}, {"endpoint", finished.lease.endpoint}});
    }
    const bool is_blocked = finished.result.state == TryResult::State::Blocked;
    if (!is_blocked && finished.result.state != TryResult::State::Sent) return;
    {
        std::lock_guard lock(mutex_);
        if (!is_blocked) blocked_.erase(finished.lease.account);
        if (!is_blocked || !blocked_.insert(finished.lease.account).second) return;
    }
    log::warn("account_blocked", {{"account", account}, {"error", finished.result.error.message}});
}

void Dispatcher::write(FinishedRef finished) {
    submit(
        [this, finished](Tx& tx) {
            finished->is_accepted = outbox_.finish(tx, finished->lease, finished->result);
            if (!finished->breaker) return;
            const auto& change = *finished->breaker;
            if (change.is_open) return outbox_.saveBreaker(tx, change.row);
            outbox_.forgetBreaker(tx, change.row.endpoint);
        },
        [this, finished](const Status& status) { onWritten(finished, status); });
}

void Dispatcher::onWritten(const FinishedRef& finished, const Status& status) {
    const Id id = finished->lease.id;
    if (!status) {
        if (!finished->was_refused)
            log::error("result_not_written",
                       {{"outbox", idText(kOutboxId, id)}, {"error", status.error().message}});
        finished->was_refused = true;
        {
            std::lock_guard lock(mutex_);
            unwritten_.push_back(finished);
            rewrite_at_ = clock_.now() + kStoreRefused;
        }
        wakeup_.notify();
        return;
    }
    if (!finished->is_accepted) log::warn("lease_lost", {{"outbox", idText(kOutboxId, id)}});
    forget(id);
}

void Dispatcher::rewrite(TimePoint now) {
    std::vector<FinishedRef> again;
    {
        std::lock_guard lock(mutex_);
        if (now < rewrite_at_) return;
        again.swap(unwritten_);
    }
    for (auto& finished : again) write(std::move(finished));
}

// The row is in nobody's hands any more.
void Dispatcher::forget(Id outbox) {
    {
        std::lock_guard lock(mutex_);
        const auto it = in_flight_.find(outbox);
        if (it == in_flight_.end()) return;
        endpoints_.ended({it->second.account, it->second.endpoint});
        in_flight_.erase(it);
    }
    wakeup_.notify();
}

void Dispatcher::submit(Writes writes, Written done) {
    {
        std::lock_guard lock(mutex_);
        ++writes_;
    }
    store_.write(std::move(writes), [this, done = std::move(done)](const Status& status) {
        done(status);
        std::lock_guard lock(mutex_);  // held while ringing: `stop` may return once it sees the count
        --writes_;
        idle_.notify();
    });
}

DeliveryHealth Dispatcher::health() const {
    DeliveryHealth health;
    health.figures = readOutboxFigures(store_);
    const TimePoint now = clock_.now();
    if (health.figures.oldest_pending)
        health.oldest_pending_age =
            std::chrono::floor<std::chrono::seconds>(now - *health.figures.oldest_pending);
    std::lock_guard lock(mutex_);
    health.in_flight = in_flight_.size();
    health.unwritten = unwritten_.size();
    health.endpoints = endpoints_.view(now);
    return health;
}

}  // namespace signalbox
