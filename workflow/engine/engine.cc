#include "workflow/engine/engine.h"

#include <stdexcept>

#include "base/log.h"
#include "base/own_json.h"
#include "workflow/engine/run_ends.h"

namespace signalbox::workflow {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kCursor = "workflow";
constexpr std::string_view kReceiptEvent = "outbox.finished";
constexpr std::size_t kBatch = 512;
constexpr std::size_t kMaxRings = 2048;
constexpr std::int64_t kCursorEvery = 1000;
constexpr auto kCursorAfter = 100ms;
constexpr std::int64_t kMaxRecoveries = 3;
// Enough: what was walked is not due at the next start, so whoever brings the daemon down comes to the front.
constexpr int kCarefulWalks = 1000;
constexpr auto kPushAgain = 5ms;

// Everything in flight at once: events, alarms, and calls from people.
std::size_t queueCapacity(const EngineOptions& options) {
    return 2 * options.window + 2 * kMaxRings + 1024;
}

// The node that waits for it gets an error instead of an answer that it could not be given.
Json lostAnswer(const std::string& type, const Error& error) {
    const char* word = type == kChildEvent ? "status" : "state";
    return {
        {word, "failed"},
        {"error",
         {{"kind", toString(ErrorKind::Invalid)},
          {"code", "answer_not_readable"},
          {"message", "its answer came and cannot be read (" + error.message + "); ask for less at once"}}}};
}

}  // namespace

Engine::Engine(EngineParts parts, EngineOptions options)
    : parts_(parts),
      options_(std::move(options)),
      catalog_(parts.workflows),
      watermark_(options_.window),
      leases_(parts.store, parts.clock),
      alarms_(parts.store, parts.clock, [this](Id run) { return ring(run); }),
      careful_walks_(kCarefulWalks) {
    const unsigned count = std::max(1U, options_.workers);
    for (unsigned i = 0; i < count; ++i) {
        queues_.push_back(std::make_unique<BoundedQueue<Job>>(queueCapacity(options_)));
    }
    parts_.workflows.onPublished([this](const WorkflowRef& workflow) { catalog_.install(workflow); });
    parts_.workflows.onWithdrawn([this](Id workflow) { catalog_.remove(workflow); });
}

Engine::~Engine() {
    stop();
}

void Engine::start() {
    for (unsigned i = 0; i < queues_.size(); ++i) workers_.emplace_back([this, i] { work(i); });
    follower_ = std::jthread([this](const std::stop_token& stop) { follow(stop); });
}

void Engine::stop() {
    if (is_closed_.exchange(true)) return;
    follower_.request_stop();
    if (follower_.joinable()) follower_.join();
    alarms_.stop();
    for (auto& queue : queues_) queue->close();
    for (auto& worker : workers_) worker.join();
    {
        std::unique_lock lock(mutex_);
        idle_.wait(lock, [&] { return writes_in_flight_ == 0; });
    }
    saveCursorWhenDue(true);
}

void Engine::work(unsigned index) {
    while (auto job = queues_[index]->pop()) {
        try {
            if (!job->refusals) job->refusals = std::make_shared<Refusals>();
            if (job->cause == Cause::Event) {
                answerWaits(*job);
            } else if (job->cause == Cause::LookBack) {
                lookBack(*job);
            } else if (job->record) {
                startRuns(*job);
            } else {
                goOn(*job);
            }
        } catch (const std::exception& failure) {
            log::error("walk_failed",
                       {{"run", job->run == 0 ? "" : idText(kRunId, job->run)}, {"error", failure.what()}});
            // The database could not be read; the event or the alarm is tried again.
            alarms_.later(parts_.clock.now() + 1s, [this, again = std::move(*job)] { push(again); });
        }
    }
}

void Engine::follow(const std::stop_token& stop) {
    std::int64_t offset = 0;
    while (!stop.stop_requested()) {
        try {
            if (!is_ready_) {
                catalog_.load();
                event_waits_.load(parts_.store);
                offset = saved_offset_ = readCursor(parts_.store, kCursor);
                watermark_.reset(offset);
                careful_until_ = parts_.log.head();
                began_at_ = parts_.clock.now();
                recover();
                if (!parts_.store.isExclusive()) renewLeases();
                alarms_.start();
                is_ready_ = true;
            }
            const auto records = parts_.log.after(offset, kBatch);
            for (const auto& record : records) {
                if (!watermark_.begin(record->offset, stop)) break;
                offset = record->offset;
                takeChanges(record);
                dispatch(record);
            }
            saveCursorWhenDue(false);
            if (records.empty()) parts_.log.waitBeyond(offset, kCursorAfter, stop);
        } catch (const std::exception& failure) {
            log::error("workflow_follower_failed", {{"error", failure.what()}});
            parts_.clock.sleepUntil(parts_.clock.now() + 1s, stop);
        }
    }
}

// Runs that the last daemon left in the middle of a walk: again from the state they had, but not for ever.
// Where others may live, those that one of them may be walking are left until their lease has passed.
void Engine::recover() {
    std::vector<InterruptedRun> interrupted;
    parts_.store.read([&](Reader& reader) { interrupted = loadInterrupted(reader); });
    for (const auto& one : interrupted) {
        const bool is_leased =
            !parts_.store.isExclusive() && one.wake_at && *one.wake_at > parts_.clock.now();
        if (!is_leased && isRecoveredAgain(one.run, RunStatus::Running, one.wake_at)) beginNow(one.run);
    }
}

void Engine::renewLeases() {
    leases_.renew();
    alarms_.later(parts_.clock.now() + kRenewLeases, [this] { renewLeases(); });
}

// Counted before the walk, which sets the count back when it is written.
bool Engine::isRecoveredAgain(Id run, RunStatus status, std::optional<TimePoint> wake_at) {
    std::int64_t recoveries = 0;
    bool is_set_aside = false;
    std::vector<Id> next_in_lane;
    const TimePoint now = parts_.clock.now();
    const Status written = parts_.store.writeAndWait([&](Tx& tx) {
        recoveries = status == RunStatus::Running ? takeUp(tx, run, wake_at, leases_.untilFrom(now))
                                                  : countRecovery(tx, run);
        if (recoveries <= kMaxRecoveries) return;
        auto row = loadRun(tx, run);
        if (!row || isOver(row->status)) return;
        const std::int64_t revision = row->revision++;
        row->status = RunStatus::Quarantined;
        row->wake_at.reset();
        row->ended_at = now;
        row->error =
            R"({"kind":"invalid","code":"quarantined","message":"the daemon died in this run several times"})";
        if (!updateRun(tx, *row, revision)) return;
        is_set_aside = true;
        replaceWaits(tx, *row, {});
        next_in_lane = cancelChildren(tx, parts_.log, *row, nullptr, now);
        const auto more = endRun(tx, parts_.log, *row);
        next_in_lane.insert(next_in_lane.end(), more.begin(), more.end());
    });
    if (!written) throw std::runtime_error("recover a run: " + written.error().message);
    if (is_set_aside) {
        log::error("run_quarantined", {{"run", idText(kRunId, run)}});
        for (const Id next : next_in_lane) beginNow(next);
        return false;
    }
    if (recoveries == 0) return false;
    log::info("run_recovered", {{"run", idText(kRunId, run)}, {"recoveries", std::to_string(recoveries)}});
    return true;
}

void Engine::dispatch(const LogRecordRef& record) {
    const std::int64_t offset = record->offset;
    Hold hold(nullptr, [this, offset](void*) { watermark_.finish(offset); });
    if (record->type == kReceiptEvent || record->type == kChildEvent)
        return dispatchReceipt(record, std::move(hold));
    if (parts_.accounts != nullptr && parts_.accounts->hides(record->account, record->type)) return;
    dispatchToWaits(record, hold);
    const auto index = catalog_.index();
    if (!index->by_event.contains(record->type) && record->type != kFailureEvent) {
        if (parts_.responses != nullptr) parts_.responses->finished(offset);
        return;
    }
    Job job;
    job.record = record;
    job.hold = std::move(hold);
    push(std::move(job));
}

// Publishing is in the log, so every node has the version before the first event behind it.
void Engine::takeChanges(const LogRecordRef& record) {
    if (record->type.starts_with("workflow.")) {
        const auto payload = parseJson(record->payload, kOwnJson);
        if (!payload)
            log::error("event_not_readable", {{"offset", std::to_string(record->offset)},
                                              {"type", record->type},
                                              {"error", payload.error().message}});
        const auto id = payload ? parseId(kWorkflowId, textAt(*payload, "workflow_id")) : std::nullopt;
        if (id && is_ready_) changed_.push_back(*id);
    }
    while (!changed_.empty()) {
        try {
            catalog_.refresh(changed_.back());
        } catch (const std::exception& failure) {
            log::warn("workflows_not_refreshed", {{"error", failure.what()}});
            return;  // with the next record
        }
        changed_.pop_back();
    }
}

void Engine::dispatchReceipt(const LogRecordRef& record, Hold hold) {
    auto payload = parseJson(record->payload, kOwnJson);
    const auto key = parseRunKey(textAt(payload ? *payload : outlineOf(record->payload), "run_key"));
    if (!key) return;  // a message that no workflow sent
    if (!payload) {
        log::error("answer_not_readable", {{"offset", std::to_string(record->offset)},
                                           {"run", idText(kRunId, key->run)},
                                           {"error", payload.error().message}});
        payload = lostAnswer(record->type, payload.error());
    }
    Job job;
    job.run = key->run;
    job.cause = Cause::Receipt;
    job.seq = key->seq;
    job.offset = record->offset;
    job.data = std::make_shared<const Json>(std::move(*payload));
    job.hold = std::move(hold);
    push(std::move(job));
}

bool Engine::ring(Id run) {
    if (rings_in_flight_.load() >= kMaxRings) return false;
    ++rings_in_flight_;
    Job job;
    job.run = run;
    job.hold = Hold(nullptr, [this](void*) { --rings_in_flight_; });
    push(std::move(job));
    return true;
}

void Engine::push(Job job) {
    // New runs may begin anywhere; a run that exists always goes to the same thread.
    const auto id = static_cast<std::uint64_t>(job.run);
    const auto pick = job.run == 0 ? next_queue_++ : id ^ id >> 22;
    if (queues_[pick % queues_.size()]->tryPush(std::move(job))) return;
    // Full, or closing: kept with its hold, so that the cursor does not pass it.
    alarms_.later(parts_.clock.now() + kPushAgain,
                  [this, kept = std::make_shared<Job>(std::move(job))] { push(*kept); });
}

void Engine::saveCursorWhenDue(bool is_last) {
    const std::int64_t offset = watermark_.low();
    const TimePoint now = parts_.clock.now();
    if (offset <= saved_offset_) return;
    const bool is_due = is_last || offset - saved_offset_ >= kCursorEvery ||
                        now - saved_at_ >= kCursorAfter || now < saved_at_;
    if (!is_due) return;
    saved_offset_ = offset;
    saved_at_ = now;
    const auto write = [offset, now](Tx& tx) { saveCursor(tx, kCursor, offset, now); };
    if (!is_last) return parts_.store.write(write, [](const Status&) {});
    const Status written = parts_.store.writeAndWait(write);
    if (!written) log::warn("workflow_cursor_not_saved", {{"error", written.error().message}});
}

EngineStats Engine::stats() const {
    std::lock_guard lock(mutex_);
    EngineStats out = stats_;
    out.events_in_flight = watermark_.inFlight();
    out.timers_in_flight = rings_in_flight_.load();
    out.offset = watermark_.low();
    return out;
}

}  // namespace signalbox::workflow
