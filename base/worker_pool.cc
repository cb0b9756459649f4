#include "base/worker_pool.h"

#include <exception>
#include <system_error>

#include "base/log.h"

namespace signalbox {

WorkerPool::WorkerPool(std::string name, std::size_t threads, std::size_t capacity)
    : name_(std::move(name)), max_threads_(threads), jobs_(capacity) {
    if (threads > 0) startThread();
}

WorkerPool::~WorkerPool() {
    stop();
}

bool WorkerPool::trySubmit(std::function<void()> job) {
    // Counted before it can run: as long as there is a thread for each, no job waits behind a long one.
    const std::size_t unfinished = ++unfinished_;
    if (!jobs_.tryPush(std::move(job))) {
        --unfinished_;
        return false;
    }
    if (unfinished <= started_ || started_ >= max_threads_) return true;
    try {
        startThread();
    } catch (const std::system_error& failure) {  // the threads there are do it, later
        log::warn("thread_not_started", {{"pool", name_}, {"error", failure.what()}});
    }
    return true;
}

void WorkerPool::startThread() {
    std::lock_guard lock(mutex_);
    if (is_stopped_ || threads_.size() >= max_threads_) return;
    threads_.emplace_back([this] { work(); });
    started_ = threads_.size();
}

void WorkerPool::stop() {
    jobs_.close();
    {
        std::lock_guard lock(mutex_);
        is_stopped_ = true;
    }
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void WorkerPool::work() {
    while (auto job = jobs_.pop()) {
        try {
            (*job)();
        } catch (const std::exception& failure) {
            log::error("job_failed", {{"pool", name_}, {"error", failure.what()}});
        } catch (...) {
            log::error("job_failed", {{"pool", name_}, {"error", "unknown exception"}});
        }
        --unfinished_;
    }
}

}  // namespace signalbox
