// So many threads, begun as they are needed, over one bounded queue of jobs. An exception that leaves a job
// is logged here with the pool's name: this is one of the four places that catch everything.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"

namespace signalbox {

class WorkerPool {
public:
    // At most `threads` at a time. One begins here: std::system_error when not even that can be had.
    WorkerPool(std::string name, std::size_t threads, std::size_t capacity);
    ~WorkerPool();

    // False when the queue is full: the caller answers «later». Any thread.
    bool trySubmit(std::function<void()> job);

    std::size_t queued() const { return jobs_.size(); }

    // Finishes what is queued and joins. Called again it does nothing.
    void stop();

private:
    void work();
    void startThread();

    const std::string name_;
    const std::size_t max_threads_;
    BoundedQueue<std::function<void()>> jobs_;
    std::atomic<std::size_t> unfinished_{0};  // queued or running
    std::atomic<std::size_t> started_{0};
    std::mutex mutex_;
    bool is_stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace signalbox
