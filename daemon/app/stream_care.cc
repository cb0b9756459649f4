#include "daemon/app/stream_care.h"

#include <algorithm>

#include "base/log.h"
#include "hub/log/old_events.h"
#include "workflow/engine/run_care.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirst = 1min, kEach = 60min;
constexpr auto kBetween = 20ms;  // writes: whoever answers a provider comes first

}  // namespace

void StreamCare::start() {
    if (keep_.requests == 0h && keep_.events == 0h) return;
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void StreamCare::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void StreamCare::run(const std::stop_token& stop) {
    for (auto pause = std::chrono::minutes(kFirst); clock_.sleepUntil(clock_.now() + pause, stop);
         pause = kEach) {
        try {
            if (keep_.requests > 0h) forgetRequests(stop);
            if (keep_.events > 0h) forgetEvents(stop);
        } catch (const std::exception& failure) {
            log::warn("stream_care_failed", {{"error", failure.what()}});
        }
    }
}

void StreamCare::forgetRequests(const std::stop_token& stop) {
    const TimePoint before = clock_.now() - keep_.requests;
    do {
        const auto has_more = requests_.forgetSome(before);
        if (!has_more) log::warn("requests_not_forgotten", {{"error", has_more.error().message}});
        if (!has_more || !*has_more) return;
    } while (clock_.sleepUntil(clock_.now() + kBetween, stop));
}

void StreamCare::forgetEvents(const std::stop_token& stop) {
    TimePoint before = clock_.now() - keep_.events;
    if (const auto needed = workflow::eventsNeededFrom(store_)) before = std::min(before, *needed);
    do {
        const auto count = forgetOldEvents(store_, before);
        if (!count) log::warn("events_not_forgotten", {{"error", count.error().message}});
        if (!count || *count < kEventsAtOnce) return;
    } while (clock_.sleepUntil(clock_.now() + kBetween, stop));
}

}  // namespace signalbox
