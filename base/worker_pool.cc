#include "base/worker_pool.h"

#include <exception>

#include "base/log.h"

namespace signalbox {

WorkerPool::WorkerPool(std::string name, std::size_t threads, std::size_t capacity)
    : name_(std::move(name)), jobs_(capacity) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
    stop();
}

bool WorkerPool::trySubmit(std::function<void()> job) {
    return jobs_.tryPush(std::move(job));
}

void WorkerPool::stop() {
    jobs_.close();
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
    }
}

}  // namespace signalbox
