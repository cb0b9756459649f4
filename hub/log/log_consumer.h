// One that reads the log to its end and stays there: a thread of its own, and a cursor that moves in the same
// commit as what was made of the records, so each of them counts once whatever happens. On several nodes the
// one that moves the cursor first wins and the others begin again behind it.
#pragma once

#include <atomic>
#include <functional>
#include <string_view>
#include <thread>

#include "hub/log/event_log.h"

namespace signalbox {

class LogConsumer {
public:
    // All outlive the object.
    struct Parts {
        Store& store;
        Clock& clock;
        EventLog& log;
    };
    enum class First { Oldest, Newest };  // where one begins that has no cursor yet
    enum class Rest { None, UntilGrowth, AWhile };

    LogConsumer(Parts parts, std::string_view name, First first)
        : parts_(parts), name_(name), first_(first) {}
    ~LogConsumer() { stop(); }

    // Calls `step` again and again on the thread; it says how long there is nothing to do. A step that throws
    // is called again after a second, from the cursor in the database.
    void start(std::function<Rest(const std::stop_token&)> step);
    void stop();

    // The offset up to which all was looked at; -1 before the first step. Any thread.
    std::int64_t position() const { return position_; }

    // The others for `step` alone (or a test without the thread); they throw std::runtime_error when the
    // database fails. Reads the cursor where that is needed.
    std::int64_t begin();
    // The next records behind the position, at most `limit`.
    std::vector<LogRecordRef> next(std::size_t limit);
    // Nothing came of what is up to `to`: looking twice at it changes nothing, so the cursor is saved now and
    // then.
    void pass(std::int64_t to);
    // Writes what came of what is up to `to`, and the cursor. False, and nothing written, when another node
    // was first.
    bool commit(std::int64_t to, const std::function<void(Tx&)>& write);

private:
    void work(const std::function<Rest(const std::stop_token&)>& step, const std::stop_token& stop);

    const Parts parts_;
    const std::string_view name_;
    const First first_;
    std::atomic<std::int64_t> position_{-1};
    std::int64_t saved_ = 0;  // what the cursor in the database says
    TimePoint saved_at_{};
    std::jthread thread_;
};

}  // namespace signalbox
