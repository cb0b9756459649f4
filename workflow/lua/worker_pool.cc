#include "workflow/lua/worker_pool.h"

#include <algorithm>

#include "base/log.h"

namespace signalbox::workflow {
namespace {

using namespace std::chrono_literals;

constexpr auto kRetryStart = 200ms;
constexpr auto kMaxWait = 30s;

}  // namespace

ScriptWorkers::ScriptWorkers(std::string path, unsigned count)
    : path_(std::move(path)), count_(count), keeper_([this] { keepStarted(); }) {}

ScriptWorkers::~ScriptWorkers() {
    {
        std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    keeper_bell_.notify_all();
    keeper_.join();
}

Status ScriptWorkers::waitUntilStarted() {
    std::unique_lock lock(mutex_);
    started_bell_.wait(lock, [&] { return alive_ == count_ || !start_error_.empty(); });
    if (!start_error_.empty()) return refusal();
    return Done{};
}

void ScriptWorkers::keepStarted() {
    std::unique_lock lock(mutex_);
    while (true) {
        keeper_bell_.wait(lock, [&] { return is_stopping_ || alive_ < count_; });
        if (is_stopping_) return;
        lock.unlock();
        auto worker = WorkerProcess::start(path_);
        if (!worker) log::error("script_worker_not_started", {{"reason", worker.error().message}});
        lock.lock();
        start_error_ = worker ? "" : worker.error().message;
        if (worker) {
            ++alive_;
            handOut(std::move(*worker));
        } else if (alive_ == 0) {
            refuseAll();
        }
        started_bell_.notify_all();
        if (!worker) keeper_bell_.wait_for(lock, kRetryStart, [&] { return is_stopping_; });
    }
}

void ScriptWorkers::handOut(Worker worker) {
    if (waiting_.empty()) {
        idle_.push_back(std::move(worker));
        return;
    }
    Waiter& next = *waiting_.front();
    waiting_.pop_front();
    next.given = std::move(worker);
    next.bell.notify_one();
}

void ScriptWorkers::refuseAll() {
    for (Waiter* waiter : waiting_) {
        waiter->is_refused = true;
        waiter->bell.notify_one();
    }
    waiting_.clear();
}

Error ScriptWorkers::refusal() const {
    return Error{ErrorKind::Unavailable, "no script worker can be started: " + start_error_};
}

Result<ScriptWorkers::Worker> ScriptWorkers::borrow() {
    std::unique_lock lock(mutex_);
    if (alive_ == 0 && !start_error_.empty()) return refusal();
    if (!idle_.empty()) {  // then nobody waits
        Worker worker = std::move(idle_.back());
        idle_.pop_back();
        return worker;
    }
    if (waiting_.size() >= kMaxWaiting)
        return Error{ErrorKind::Unavailable, "all script workers are busy and 1000 calls wait; add workers"};
    Waiter self;
    waiting_.push_back(&self);
    self.bell.wait_for(lock, kMaxWait, [&] { return self.given || self.is_refused; });
    if (self.given) return std::move(self.given);
    if (self.is_refused) return refusal();
    std::erase(waiting_, &self);
    return Error{ErrorKind::Unavailable, "all script workers were busy for 30 s; add workers"};
}

void ScriptWorkers::giveBack(Worker worker) {
    std::lock_guard lock(mutex_);
    handOut(std::move(worker));
}

void ScriptWorkers::replaceLost() {
    {
        std::lock_guard lock(mutex_);
        --alive_;
    }
    keeper_bell_.notify_one();
}

}  // namespace signalbox::workflow
