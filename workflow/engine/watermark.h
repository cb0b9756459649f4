// How far the log is worked off: the highest offset below which nothing is in flight. Bounds what is in
// flight. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <stop_token>

namespace signalbox::workflow {

class Watermark {
public:
    explicit Watermark(std::size_t window) : window_(window) {}

    void reset(std::int64_t offset);
    // Waits while the window is full. False when stopped. Offsets are begun in order, by one thread.
    bool begin(std::int64_t offset, const std::stop_token& stop);
    void finish(std::int64_t offset);
    std::int64_t low() const;
    std::size_t inFlight() const;

private:
    const std::size_t window_;
    mutable std::mutex mutex_;
    std::condition_variable_any shrunk_;
    std::set<std::int64_t> open_;
    std::int64_t highest_ = 0;
};

}  // namespace signalbox::workflow
