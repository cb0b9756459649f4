#include "workflow/lua/parked_scripts.h"

#include <algorithm>

#include "base/crypto.h"

namespace signalbox::workflow {

std::optional<TimePoint> ParkedScripts::parkedUntil(std::string_view source) const {
    if (is_empty_) return std::nullopt;  // nearly always, and then no hash is needed
    const auto key = hash(HashAlgorithm::Sha256, source);
    std::lock_guard lock(mutex_);
    const auto found = records_.find(key);
    if (found == records_.end() || found->second.parked_until <= clock_.now()) return std::nullopt;
    return found->second.parked_until;
}

void ParkedScripts::noteKill(std::string_view source) {
    const auto key = hash(HashAlgorithm::Sha256, source);
    const TimePoint now = clock_.now();
    std::lock_guard lock(mutex_);
    forgetOld(now);
    if (records_.size() >= kMaxScripts) return;
    is_empty_ = false;
    auto& record = records_[key];
    std::erase_if(record.kills, [&](TimePoint t) { return t + kWindow <= now; });
    record.kills.push_back(now);
    if (record.kills.size() < kKills) return;
    record.parked_until = now + kParking;
    record.kills.clear();
}

void ParkedScripts::forgetOld(TimePoint now) {
    std::erase_if(records_, [&](const auto& entry) {
        const auto& record = entry.second;
        const bool has_recent = !record.kills.empty() && record.kills.back() + kWindow > now;
        return !has_recent && record.parked_until <= now;
    });
}

}  // namespace signalbox::workflow
