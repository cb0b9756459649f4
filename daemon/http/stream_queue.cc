#include "daemon/http/stream_queue.h"

#include "base/log.h"

namespace signalbox::http {
namespace {

constexpr int kTryAgainLater = 1013;
constexpr std::size_t kLargestReason = 123;  // a control frame holds 125 bytes

// The codes that an endpoint may send (RFC 6455, 7.4); anything else becomes «normal».
int sendableCode(int code) {
    const bool is_defined = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
    return is_defined || (code >= 3000 && code <= 4999) ? code : 1000;
}

std::string cutAtCharacter(const std::string& text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return text;
    auto end = max_bytes;
    while (end > 0 && (text[end] & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

template <class Call>
bool callBack(Call call) {
    try {
        call();
        return true;
    } catch (const std::exception& error) {
        log::error("http_handler_failed", {{"reason", error.what()}});
        return false;
    }
}

}  // namespace

std::string eventText(std::string_view text, std::string_view id) {
    std::string out;
    out.reserve(text.size() + id.size() + 24);
    const bool is_clean = id.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
    if (!id.empty() && is_clean) out.append("id: ").append(id).append("\n");
    while (true) {
        const auto end = std::min(text.find_first_of("\r\n"), text.size());
        out.append("data: ").append(text.substr(0, end)).append("\n");
        if (end == text.size()) break;
        text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    return out.append("\n");
}

StreamQueue::StreamQueue(Kind kind, std::size_t max_bytes, std::shared_ptr<Inbox> inbox,
                         std::weak_ptr<Peer> peer)
    : kind_(kind), max_bytes_(max_bytes), inbox_(std::move(inbox)), peer_(std::move(peer)) {}

bool StreamQueue::send(std::string text, const std::string& id) {
    if (kind_ == Kind::Events) text = eventText(text, id);
    bool must_wake = false, is_taken = false;
    {
        std::lock_guard lock(mutex_);
        if (has_ended_ || closing_) return false;
        is_taken = queued_ + text.size() <= max_bytes_;
        if (is_taken) {
            queued_ += text.size();
            waiting_.push_back(std::move(text));
            must_wake = !std::exchange(is_awake_, true);
        } else {
            // The client comes back and resumes from its cursor, so what waits here need not be kept.
            waiting_.clear();
            closing_ = Closing{kTryAgainLater, "reads too slowly"};
            must_wake = true;
        }
    }
    if (must_wake) wake();
    return is_taken;
}

void StreamQueue::close(int code, const std::string& reason) {
    {
        std::lock_guard lock(mutex_);
        if (has_ended_ || closing_) return;
        closing_ = Closing{sendableCode(code), cutAtCharacter(reason, kLargestReason)};
    }
    wake();
}

void StreamQueue::wake() {
    inbox_->push(Delivery{peer_, 0, {}});
}

std::size_t StreamQueue::queuedBytes() const {
    std::lock_guard lock(mutex_);
    return queued_;
}

std::optional<std::string> StreamQueue::next() {
    std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
        is_awake_ = false;
        return std::nullopt;
    }
    std::optional<std::string> text(std::move(waiting_.front()));
    waiting_.pop_front();
    if (waiting_.empty()) std::deque<std::string>().swap(waiting_);
    return text;
}

void StreamQueue::written(std::size_t bytes) {
    std::lock_guard lock(mutex_);
    queued_ -= bytes;
}

std::optional<StreamQueue::Closing> StreamQueue::closing() const {
    std::lock_guard lock(mutex_);
    return closing_;
}

bool StreamQueue::received(std::string message) {
    return !on_message_ || callBack([&] { on_message_(std::move(message)); });
}

void StreamQueue::ended() {
    {
        std::lock_guard lock(mutex_);
        if (std::exchange(has_ended_, true)) return;
        waiting_.clear();
        queued_ = 0;
    }
    // The callbacks may hold this very stream; letting them go breaks the circle.
    on_message_ = nullptr;
    if (const auto callback = std::exchange(on_close_, nullptr)) callBack(callback);
}

}  // namespace signalbox::http
