#include "daemon/inbox_clock/inbox_clock.h"

#include "base/log.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatch = 100;
constexpr auto kLongest = 5s;  // another node's rows ring no bell here

}  // namespace

void InboxClock::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void InboxClock::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

TimePoint InboxClock::runOnce() {
    bool is_more = true;
    while (is_more) {
        std::optional<TimePoint> snoozed;
        store_.read([&](Reader& reader) { snoozed = nextSnooze(reader); });
        if (!snoozed || *snoozed > clock_.now()) break;
        const auto written = store_.writeAndWait([&](Tx& tx) { is_more = desk_.wakeSnoozed(tx, kBatch); });
        if (!written) break;
    }
    TimePoint next = clock_.now() + kLongest;
    if (const auto due = scheduled_.sendDue(kBatch)) next = std::min(next, *due);
    store_.read([&](Reader& reader) {
        if (const auto due = nextSnooze(reader)) next = std::min(next, *due);
    });
    // What could not be done is not tried in a loop without a pause.
    return std::max(next, clock_.now() + 10ms);
}

void InboxClock::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        TimePoint next = clock_.now() + kLongest;
        try {
            next = runOnce();
        } catch (const StoreError& failure) {
            log::warn("inbox_clock_failed", {{"error", failure.message}});
        }
        clock_.wait(wakeup_, next, stop);
    }
}

}  // namespace signalbox
