#include "workflow/engine/alarm_clock.h"

#include <algorithm>
#include <limits>

#include "base/log.h"

namespace signalbox::workflow {
namespace {

using namespace std::chrono_literals;

constexpr auto kWindow = 60s;
constexpr auto kReloadBefore = 5s;  // of the window's end
constexpr std::size_t kPage = 10'000;
constexpr auto kAgain = 5ms;  // after a ring that nobody could take
// Of several daemons: what is due for so long was set by one that is gone. Looked for so often; what has been
// rung here and is due still rings again after a while.
constexpr auto kOverdue = 2s, kOverdueEvery = 1s, kOverdueAgain = 30s;
constexpr std::size_t kOverduePage = 2'000;

}  // namespace

AlarmClock::AlarmClock(Store& store, Clock& clock, std::function<bool(Id)> ring)
    : store_(store), clock_(clock), ring_(std::move(ring)) {}

AlarmClock::~AlarmClock() {
    stop();
}

void AlarmClock::start() {
    // What was due before is in the first window.
    overdue_from_ = {clock_.now(), std::numeric_limits<Id>::max()};
    overdue_at_ = clock_.now() + kOverdueEvery;
    overdue_again_at_ = clock_.now() + kOverdueAgain;
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void AlarmClock::stop() {
    thread_.request_stop();
    wakeup_.notify();
    if (thread_.joinable()) thread_.join();
}

void AlarmClock::add(TimePoint at, Id run) {
    bool is_first = false;
    {
        std::lock_guard lock(mutex_);
        if (at > loaded_until_) return;
        is_first = alarms_.empty() || at < alarms_.begin()->first;
        alarms_.emplace(at, run);
    }
    if (is_first) wakeup_.notify();
}

void AlarmClock::later(TimePoint at, std::function<void()> job) {
    {
        std::lock_guard lock(mutex_);
        later_.emplace(at, std::move(job));
    }
    wakeup_.notify();
}

void AlarmClock::work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            if (mayLoad() && clock_.now() + kReloadBefore >= loaded_until_) loadWindow();
            ringDue();
            if (!store_.isExclusive() && clock_.now() >= overdue_at_) loadOverdue();
            runLater();
        } catch (const std::exception& failure) {
            log::error("alarm_failed", {{"error", failure.what()}});
            clock_.wait(wakeup_, clock_.now() + 1s, stop);
        }
        clock_.wait(wakeup_, nextTime(), stop);
    }
}

// The window is raised before the database is asked: a commit that is not in the answer finds the raised
// window.
void AlarmClock::loadWindow() {
    const WakeRow from{loaded_until_, loaded_run_};
    const TimePoint to = clock_.now() + kWindow;
    {
        std::lock_guard lock(mutex_);
        loaded_until_ = to;
    }
    std::vector<WakeRow> rows;
    try {
        store_.read([&](Reader& reader) { rows = loadWakes(reader, from, to, kPage); });
    } catch (...) {  // not read: the window is still to be loaded
        std::lock_guard lock(mutex_);
        loaded_until_ = from.at;
        throw;
    }
    std::lock_guard lock(mutex_);
    for (const auto& row : rows) alarms_.emplace(row.at, row.run);
    const bool is_full = rows.size() == kPage;
    loaded_run_ = is_full ? rows.back().run : std::numeric_limits<Id>::max();
    if (is_full) loaded_until_ = rows.back().at;
}

// A time that another daemon sets within a window that is in memory here already is known to that daemon
// only; when it dies, the others find the run by its being overdue. Who is behind with his own alarms does
// not look for others'.
void AlarmClock::loadOverdue() {
    const TimePoint now = clock_.now();
    const TimePoint to = now - kOverdue;
    overdue_at_ = now + kOverdueEvery;
    {
        std::lock_guard lock(mutex_);
        if (!alarms_.empty() && alarms_.begin()->first <= to) return;
    }
    if (now >= overdue_again_at_) {
        overdue_from_ = {};
        overdue_again_at_ = now + kOverdueAgain;
    }
    if (overdue_from_.at > to) return;
    std::vector<WakeRow> rows;
    store_.read([&](Reader& reader) { rows = loadWakes(reader, overdue_from_, to, kOverduePage); });
    const bool is_full = rows.size() == kOverduePage;
    overdue_from_ = is_full ? rows.back() : WakeRow{to, std::numeric_limits<Id>::max()};
    if (is_full) overdue_at_ = now;
    std::lock_guard lock(mutex_);
    for (const auto& row : rows) alarms_.emplace(row.at, row.run);
}

void AlarmClock::ringDue() {
    if (clock_.now() < held_until_) return;
    for (;;) {
        std::pair<TimePoint, Id> alarm;
        {
            std::lock_guard lock(mutex_);
            if (alarms_.empty() || alarms_.begin()->first > clock_.now()) return;
            alarm = *alarms_.begin();
            alarms_.erase(alarms_.begin());
        }
        if (ring_(alarm.second)) continue;
        {
            std::lock_guard lock(mutex_);
            alarms_.insert(alarm);
        }
        held_until_ = clock_.now() + kAgain;
        return;
    }
}

// A page is worked off before the next one is read.
bool AlarmClock::mayLoad() const {
    std::lock_guard lock(mutex_);
    return alarms_.size() < kPage;
}

void AlarmClock::runLater() {
    for (;;) {
        std::function<void()> job;
        {
            std::lock_guard lock(mutex_);
            if (later_.empty() || later_.begin()->first > clock_.now()) return;
            job = std::move(later_.begin()->second);
            later_.erase(later_.begin());
        }
        job();
    }
}

TimePoint AlarmClock::nextTime() const {
    std::lock_guard lock(mutex_);
    TimePoint next = alarms_.size() < kPage ? loaded_until_ - kReloadBefore : TimePoint::max();
    // The clock is not asked again: an alarm may have become due since ringDue looked.
    if (!alarms_.empty()) next = std::min(next, std::max(alarms_.begin()->first, held_until_));
    if (!later_.empty()) next = std::min(next, later_.begin()->first);
    if (!store_.isExclusive()) next = std::min(next, overdue_at_);
    return next;
}

}  // namespace signalbox::workflow
