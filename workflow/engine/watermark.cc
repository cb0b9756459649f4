#include "workflow/engine/watermark.h"

namespace signalbox::workflow {

void Watermark::reset(std::int64_t offset) {
    std::lock_guard lock(mutex_);
    open_.clear();
    highest_ = offset;
}

bool Watermark::begin(std::int64_t offset, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!shrunk_.wait(lock, stop, [&] { return open_.size() < window_; })) return false;
    open_.insert(open_.end(), offset);
    highest_ = offset;
    return true;
}

void Watermark::finish(std::int64_t offset) {
    bool was_full = false;
    {
        std::lock_guard lock(mutex_);
        was_full = open_.size() >= window_;
        open_.erase(offset);
    }
    if (was_full) shrunk_.notify_all();
}

std::int64_t Watermark::low() const {
    std::lock_guard lock(mutex_);
    return open_.empty() ? highest_ : *open_.begin() - 1;
}

std::size_t Watermark::inFlight() const {
    std::lock_guard lock(mutex_);
    return open_.size();
}

}  // namespace signalbox::workflow
