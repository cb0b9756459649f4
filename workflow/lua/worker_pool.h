// A fixed number of workers, lent to one caller each, in the order in which they asked. A thread of its own
// starts the workers and replaces those that were lost; it lives as long as the pool, as the kernel ties a
// worker's life to it. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "workflow/lua/worker_process.h"

namespace signalbox::workflow {

class ScriptWorkers {
public:
    using Worker = std::unique_ptr<WorkerProcess>;

    ScriptWorkers(std::string path, unsigned count);
    ~ScriptWorkers();  // nobody may be borrowing any more

    // Once, after construction: all are up, or why the first that is not up could not be started.
    Status waitUntilStarted();

    // Errors: Unavailable when no worker can be started, when a thousand callers wait already, or after 30 s.
    Result<Worker> borrow();
    void giveBack(Worker worker);
    void replaceLost();  // for one that was borrowed and is not given back

private:
    struct Waiter {
        std::condition_variable bell;
        Worker given;
        bool is_refused = false;
    };
    static constexpr std::size_t kMaxWaiting = 1000;

    void keepStarted();
    void handOut(Worker worker);  // the lock is held
    void refuseAll();             // the lock is held
    Error refusal() const;        // the lock is held

    const std::string path_;
    const unsigned count_;
    std::mutex mutex_;
    std::condition_variable keeper_bell_;
    std::condition_variable started_bell_;
    std::vector<Worker> idle_;
    std::deque<Waiter*> waiting_;
    unsigned alive_ = 0;
    std::string start_error_;
    bool is_stopping_ = false;
    std::thread keeper_;
};

}  // namespace signalbox::workflow
