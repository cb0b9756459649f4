// A fixed number of threads over one bounded queue of jobs. An exception that leaves a job is logged here
// with the pool's name: this is one of the four places that catch everything.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"

namespace signalbox {

class WorkerPool {
public:
    WorkerPool(std::string name, std::size_t threads, std::size_t capacity);
    ~WorkerPool();

    // False when the queue is full: the caller answers «later». Any thread.
    bool trySubmit(std::function<void()> job);

    std::size_t queued() const { return jobs_.size(); }

    // Finishes what is queued and joins. Called again it does nothing.
    void stop();

private:
    void work();

    const std::string name_;
    BoundedQueue<std::function<void()>> jobs_;
    std::vector<std::thread> threads_;
};

}  // namespace signalbox
