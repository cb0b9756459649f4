#include "daemon/app/file_care.h"

#include "base/log.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kRefresh = 5s;
constexpr auto kFirst = 1min, kEach = 60min;

}  // namespace

void FileCare::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void FileCare::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void FileCare::run(const std::stop_token& stop) {
    TimePoint next = clock_.now() + kFirst;
    while (clock_.sleepUntil(clock_.now() + kRefresh, stop)) {
        try {
            if (const auto fresh = keys_.refresh(); !fresh)
                log::warn("file_keys_not_read", {{"error", fresh.error().message}});
            if (clock_.now() < next) continue;
            next = clock_.now() + kEach;
            cleanUp(stop);
        } catch (const std::exception& failure) {
            log::warn("file_care_failed", {{"error", failure.what()}});
        }
    }
}

void FileCare::cleanUp(const std::stop_token& stop) {
    if (const auto dropped = uploads_.dropOld(); !dropped)
        log::warn("uploads_not_dropped", {{"error", dropped.error().message}});
    const auto round = collector_.run(stop);
    if (!round) {
        log::warn("files_not_collected", {{"error", round.error().message}});
    } else if (round->deleted + round->encrypted > 0) {
        log::info("files_collected", {{"seen", std::to_string(round->seen)},
                                      {"deleted", std::to_string(round->deleted)},
                                      {"encrypted", std::to_string(round->encrypted)}});
    }
}

}  // namespace signalbox
