#include "daemon/http/admission.h"

namespace signalbox::http {

std::optional<Admission::Place> Admission::admit(const Source& source) {
    std::lock_guard lock(mutex_);
    if (open_ >= max_open_) return std::nullopt;
    const auto found = by_source_.find(source);
    if (found != by_source_.end() && found->second >= max_per_source_) return std::nullopt;
    if (found == by_source_.end() && max_per_source_ == 0) return std::nullopt;
    ++open_;
    ++by_source_[source];
    return Place(*this, source);
}

void Admission::leave(const Source& source) {
    std::lock_guard lock(mutex_);
    --open_;
    const auto found = by_source_.find(source);
    if (--found->second == 0) by_source_.erase(found);
}

std::size_t Admission::open() const {
    std::lock_guard lock(mutex_);
    return open_;
}

}  // namespace signalbox::http
