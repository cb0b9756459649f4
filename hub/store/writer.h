// The one thread that writes: takes what is queued, runs it as a group, tells everybody. While the database
// cannot write it refuses at once and tries by itself each second whether it can again.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "hub/store/group.h"

namespace signalbox::store {

// Called in the order of their adding; any thread adds.
class Listeners {
public:
    void add(std::function<void()> listener);
    // What a listener throws is logged.
    void call() const;

private:
    using List = std::vector<std::function<void()>>;
    mutable std::mutex mutex_;
    // Shared with calls that run while one is added.
    std::shared_ptr<const List> list_ = std::make_shared<List>();
};

// Thread-safe.
class Writer {
public:
    Writer(std::unique_ptr<Connection> connection, const StoreOptions& options);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void submit(Writes writes, Written done);
    void onCommitted(std::function<void()> listener) { committed_.add(std::move(listener)); }
    void onRollback(std::function<void()> listener) { rolled_back_.add(std::move(listener)); }

    Status health() const;
    std::size_t queued() const;

    // Finishes what is queued and ends the thread. Not from the writer thread.
    void stop();
    // After stop(), and after the last reader closed: SQLite then folds its log into the database.
    void closeConnection();

private:
    void work();
    bool takeJobs();
    void runGroup(std::span<Job> jobs);
    void tell(std::span<Job> jobs);
    std::optional<Error> refusalNow() const;
    void refuse(const StoreError& error);
    void acceptAgain();
    void tend();
    void probe();
    void housekeep(std::chrono::milliseconds idle_for);

    const std::size_t capacity_;
    const std::size_t max_group_;
    Listeners committed_;
    Listeners rolled_back_;

    mutable std::mutex mutex_;  // guards these
    std::condition_variable filled_;
    std::vector<Job> pending_;
    std::size_t queued_ = 0;   // pending, and taken but not yet committed
    bool is_waiting_ = false;  // the thread sleeps: the next job must wake it
    bool is_stopping_ = false;
    std::optional<Error> refusal_;

    // The writer thread's own.
    std::unique_ptr<Connection> connection_;
    Group group_;
    std::vector<Job> taken_;
    std::vector<Status> outcomes_;
    bool is_refusing_for_good_ = false;
    std::chrono::milliseconds next_tending_{0};
    std::chrono::steady_clock::time_point last_written_;

    std::thread thread_;
};

// True on any writer's thread: waiting for a write there would wait for itself.
bool isWriterThread();

}  // namespace signalbox::store
