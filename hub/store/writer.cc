#include "hub/store/writer.h"

#include <algorithm>

#include "base/log.h"
#include "hub/store/errors.h"
#include "hub/store/urgent_writes.h"

namespace signalbox::store {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Kind = StoreError::Kind;

constexpr std::size_t kLoadFactor = 4;  // how much larger groups get while the queue is long
constexpr auto kProbeEvery = 1s;
constexpr std::size_t kProbeBytes = 256 * 1024;
constexpr std::string_view kLoad =
    "INSERT INTO store_probes (id, ballast) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET ballast = "
    "excluded.ballast";
constexpr std::string_view kUnload = "DELETE FROM store_probes WHERE id = 1";

thread_local bool is_writer_thread = false;

std::chrono::milliseconds since(Clock::time_point then) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - then);
}

void callLogged(std::string_view what, const std::function<void()>& call) {
    try {
        call();
    } catch (const std::exception& error) {
        log::error("store_callback_failed", {{"callback", std::string(what)}, {"reason", error.what()}});
    }
}

}  // namespace

bool isWriterThread() {
    return is_writer_thread;
}

void Listeners::add(std::function<void()> listener) {
    std::lock_guard lock(mutex_);
    auto longer = std::make_shared<List>(*list_);
    longer->push_back(std::move(listener));
    list_ = std::move(longer);
}

void Listeners::call() const {
    std::shared_ptr<const List> list;
    {
        std::lock_guard lock(mutex_);
        list = list_;
    }
    for (const auto& listener : *list) callLogged("listener", listener);
}

Writer::Writer(std::unique_ptr<Connection> connection, const StoreOptions& options)
    : capacity_(options.queue_capacity),
      max_group_(std::max<std::size_t>(options.max_group, 1)),
      connection_(std::move(connection)),
      group_(*connection_, [this] { rolled_back_.call(); }),
      last_written_(Clock::now()),
      thread_([this] { work(); }) {}

Writer::~Writer() {
    stop();
}

void Writer::submit(Writes writes, Written done) {
    std::optional<Error> refused;
    bool wake = false;
    {
        std::lock_guard lock(mutex_);
        if (is_stopping_) {
            refused = Error{ErrorKind::Unavailable, "store: closed"};
        } else if (refusal_) {
            refused = refusal_;
        } else if (queued_ >= capacity_ + (UrgentWrites::isOn() ? UrgentWrites::kRoom : 0)) {
            refused = Error{ErrorKind::Unavailable, "store: the queue of writes is full", 1s, "store_busy"};
        } else {
            pending_.push_back({std::move(writes), std::move(done)});
            ++queued_;
            wake = std::exchange(is_waiting_, false);
        }
    }
    if (wake) filled_.notify_one();
    if (refused) done(*refused);
}

Status Writer::health() const {
    if (auto refused = refusalNow()) return *std::move(refused);
    return Done{};
}

std::optional<Error> Writer::refusalNow() const {
    std::lock_guard lock(mutex_);
    return refusal_;
}

std::size_t Writer::queued() const {
    std::lock_guard lock(mutex_);
    return queued_;
}

void Writer::stop() {
    {
        std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    filled_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Writer::closeConnection() {
    connection_.reset();
}

void Writer::work() {
    is_writer_thread = true;
    while (takeJobs()) {
        for (std::span<Job> left(taken_); !left.empty();) {
            const auto most = left.size() > max_group_ ? max_group_ * kLoadFactor : max_group_;
            const auto size = std::min(left.size(), most);
            runGroup(left.first(size));
            left = left.subspan(size);
        }
        taken_.clear();
    }
}

// False when stopped and nothing is left.
bool Writer::takeJobs() {
    std::unique_lock lock(mutex_);
    while (pending_.empty() && !is_stopping_) {
        is_waiting_ = true;
        filled_.wait_for(lock, next_tending_);
        is_waiting_ = false;
        if (!pending_.empty() || is_stopping_) break;
        lock.unlock();
        tend();
        lock.lock();
    }
    taken_.swap(pending_);
    return !taken_.empty();
}

void Writer::runGroup(std::span<Job> jobs) {
    if (const auto refused = refusalNow()) {
        outcomes_.assign(jobs.size(), *refused);
        return tell(jobs);
    }
    try {
        group_.run(jobs, outcomes_);
    } catch (const StoreError& error) {
        const bool stops = stopsWrites(error.kind) || error.kind == Kind::Busy;
        if (stops) refuse(error);
        const auto refused = stops ? refusal(error) : Error{ErrorKind::Unavailable, error.message, 1s};
        outcomes_.assign(jobs.size(), refused);
        return tell(jobs);
    }
    tell(jobs);
    committed_.call();
    last_written_ = Clock::now();
    housekeep(0ms);
}

void Writer::tell(std::span<Job> jobs) {
    {
        std::lock_guard lock(mutex_);
        queued_ -= jobs.size();
    }
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        callLogged("done", [&] { jobs[i].done(outcomes_[i]); });
        jobs[i] = Job{};  // what it captured goes now, not when the whole queue is done
    }
}

void Writer::refuse(const StoreError& error) {
    auto refused = refusal(error);
    is_refusing_for_good_ = isPermanent(error.kind);
    if (is_refusing_for_good_) connection_->abandon();
    next_tending_ = is_refusing_for_good_ ? std::chrono::milliseconds(1h) : kProbeEvery;
    std::unique_lock lock(mutex_);
    const bool is_news = !refusal_ || refusal_->code != refused.code;
    refusal_ = refused;
    lock.unlock();
    if (is_news) log::error("store_refuses_writes", {{"code", refused.code}, {"reason", refused.message}});
}

void Writer::acceptAgain() {
    next_tending_ = 0ms;
    {
        std::lock_guard lock(mutex_);
        refusal_.reset();
    }
    log::info("store_accepts_writes_again");
}

// What there is to do while nobody writes.
void Writer::tend() {
    if (is_refusing_for_good_) return;
    if (refusalNow()) return probe();
    housekeep(since(last_written_));
}

void Writer::probe() {
    const std::string ballast(kProbeBytes, 'x');
    const Value values[] = {Blob{ballast}};
    try {
        connection_->ensureOpen();
        connection_->begin();
        connection_->exec(kLoad, values);
        connection_->commit();
        connection_->begin();
        connection_->exec(kUnload, {});
        connection_->commit();
    } catch (const StoreError& error) {
        connection_->rollback();
        return refuse(error);
    }
    acceptAgain();
}

void Writer::housekeep(std::chrono::milliseconds idle_for) {
    try {
        next_tending_ = connection_->housekeep(idle_for);
    } catch (const StoreError& error) {
        refuse(error);
    }
}

}  // namespace signalbox::store
