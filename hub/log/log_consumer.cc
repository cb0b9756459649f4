#include "hub/log/log_consumer.h"

#include <stdexcept>
#include <string>

#include "base/log.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kLongestRest = 500ms, kAfterFailure = 1s, kSaveEvery = 5s;

constexpr std::string_view kMakeCursor =
    "INSERT INTO cursors (consumer, log_offset, moved_at) VALUES ($1, $2, $3) ON CONFLICT (consumer) DO "
    "NOTHING";
constexpr std::string_view kMoveCursor =
    "UPDATE cursors SET log_offset = $3, moved_at = $4 WHERE consumer = $1 AND log_offset = $2";

}  // namespace

void LogConsumer::start(std::function<Rest(const std::stop_token&)> step) {
    thread_ = std::jthread([this, step = std::move(step)](const std::stop_token& stop) { work(step, stop); });
}

void LogConsumer::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void LogConsumer::work(const std::function<Rest(const std::stop_token&)>& step, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            const Rest rest = step(stop);
            if (rest == Rest::UntilGrowth) parts_.log.waitBeyond(position_, kLongestRest, stop);
            if (rest == Rest::AWhile) parts_.clock.sleepUntil(parts_.clock.now() + kLongestRest, stop);
        } catch (const std::exception& failure) {
            log::warn("log_consumer_waits", {{"consumer", std::string(name_)}, {"error", failure.what()}});
            position_ = -1;
            parts_.clock.sleepUntil(parts_.clock.now() + kAfterFailure, stop);
        }
    }
}

std::int64_t LogConsumer::begin() {
    if (position_ >= 0) return position_;
    const TimePoint now = parts_.clock.now();
    const std::int64_t first = first_ == First::Newest ? parts_.log.head() : 0;
    const Status made = parts_.store.writeAndWait([&](Tx& tx) {
        tx.exec(kMakeCursor, {name_, first, toMicros(now)});
    });
    if (!made) throw std::runtime_error(made.error().message);
    position_ = saved_ = readCursor(parts_.store, name_);
    saved_at_ = now;
    return position_;
}

std::vector<LogRecordRef> LogConsumer::next(std::size_t limit) {
    return parts_.log.after(begin(), limit);
}

void LogConsumer::pass(std::int64_t to) {
    if (parts_.clock.now() - saved_at_ < kSaveEvery)
        position_ = to;
    else
        commit(to, [](Tx&) {});
}

bool LogConsumer::commit(std::int64_t to, const std::function<void(Tx&)>& write) {
    bool is_ours = false;
    const TimePoint now = parts_.clock.now();
    const Status written = parts_.store.writeAndWait([&](Tx& tx) {
        is_ours = tx.exec(kMoveCursor, {name_, saved_, to, toMicros(now)}) == 1;
        if (is_ours) write(tx);
    });
    if (!written) throw std::runtime_error(written.error().message);
    saved_ = to;
    saved_at_ = now;
    position_ = is_ours ? to : -1;
    return is_ours;
}

}  // namespace signalbox
