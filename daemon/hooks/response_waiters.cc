#include "daemon/hooks/response_waiters.h"

#include <algorithm>
#include <vector>

namespace signalbox {
namespace {

constexpr std::size_t kMaxEarly = 1'024;

HttpResponse taken() {
    return jsonResponse(200, R"({"ok":true})");
}

// Why is for the people who may see the run; the caller may be anybody.
HttpResponse notAnswered() {
    return problem(
        500, "run_failed",
        "the workflow failed before it answered; its owner finds the run under the workflow's runs");
}

}  // namespace

void ResponseWaiters::wait(std::int64_t offset, http::Responder responder,
                           std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    const auto early = std::find_if(early_.begin(), early_.end(),
                                    [&](const auto& answer) { return answer.first == offset; });
    if (early == early_.end()) {
        waiters_.emplace(offset, Waiter{std::move(responder), clock_.now() + timeout});
        return;
    }
    HttpResponse response = std::move(early->second);
    early_.erase(early);
    lock.unlock();
    responder.reply(std::move(response));
}

void ResponseWaiters::respond(std::int64_t offset, HttpResponse response) {
    reply(offset, std::move(response));
}

void ResponseWaiters::finished(std::int64_t offset) {
    reply(offset, taken());
}

void ResponseWaiters::failed(std::int64_t offset) {
    reply(offset, notAnswered());
}

void ResponseWaiters::reply(std::int64_t offset, HttpResponse response) {
    std::unique_lock lock(mutex_);
    const auto it = waiters_.find(offset);
    if (it == waiters_.end()) {
        remember(offset, std::move(response));
        return;
    }
    const http::Responder responder = std::move(it->second.responder);
    waiters_.erase(it);
    lock.unlock();
    responder.reply(std::move(response));
}

// The mutex is held.
void ResponseWaiters::remember(std::int64_t offset, HttpResponse response) {
    if (is_alone_) return;
    early_.emplace_back(offset, std::move(response));
    if (early_.size() > kMaxEarly) early_.pop_front();
}

void ResponseWaiters::expire() {
    std::vector<http::Responder> late;
    {
        std::lock_guard lock(mutex_);
        const TimePoint now = clock_.now();
        std::erase_if(waiters_, [&](auto& entry) {
            if (entry.second.until > now) return false;
            late.push_back(std::move(entry.second.responder));
            return true;
        });
    }
    for (const auto& responder : late) responder.reply(jsonResponse(202, R"({"ok":true,"state":"running"})"));
}

std::vector<std::int64_t> ResponseWaiters::offsets() const {
    std::vector<std::int64_t> out;
    std::lock_guard lock(mutex_);
    for (const auto& [offset, waiter] : waiters_) out.push_back(offset);
    return out;
}

std::size_t ResponseWaiters::waiting() const {
    std::lock_guard lock(mutex_);
    return waiters_.size();
}

}  // namespace signalbox
