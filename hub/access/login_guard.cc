#include "hub/access/login_guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kTries = 5, kPerSecond = 50;
constexpr auto kWindow = std::chrono::minutes(15), kLongestLock = std::chrono::minutes(60);
constexpr std::size_t kMaxKept = 100'000;

std::string keyOf(const std::string& account, const std::string& address) {
    return account + '\n' + networkOf(address);
}

}  // namespace

std::string networkOf(std::string_view address) {
    const std::string text(address);
    std::array<unsigned char, 16> bytes{};
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
        bytes[3] = 0;
        return std::string(inet_ntop(AF_INET, bytes.data(), out.data(), out.size())) + "/24";
    }
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
        std::fill(bytes.begin() + 8, bytes.end(), 0);
        return std::string(inet_ntop(AF_INET6, bytes.data(), out.data(), out.size())) + "/64";
    }
    return text;
}

std::optional<std::chrono::seconds> LoginGuard::mustWait(const std::string& account,
                                                         const std::string& address) {
    const TimePoint now = clock_.now();
    std::lock_guard lock(mutex_);
    const auto it = failures_.find(keyOf(account, address));
    if (it != failures_.end() && it->second.locked_until > now)
        return std::chrono::ceil<std::chrono::seconds>(it->second.locked_until - now);
    if (now - second_ >= 1s) {
        second_ = now;
        in_second_ = 0;
    }
    if (++in_second_ > kPerSecond) return 1s;
    return std::nullopt;
}

void LoginGuard::failed(const std::string& account, const std::string& address) {
    const TimePoint now = clock_.now();
    std::lock_guard lock(mutex_);
    if (failures_.size() >= kMaxKept) dropOld(now);
    Failures& failures = failures_[keyOf(account, address)];
    if (now - failures.since > kWindow) {
        failures.since = now;
        failures.count = 0;
    }
    if (++failures.count < kTries) return;
    const auto lock_time =
        std::min<std::chrono::minutes>(kWindow * (1U << std::min(failures.locks, 4U)), kLongestLock);
    ++failures.locks;
    failures.locked_until = now + lock_time;
    failures.since = failures.locked_until;
    failures.count = kTries - 1;  // after a lock, one more failure locks again, for twice as long
}

void LoginGuard::succeeded(const std::string& account, const std::string& address) {
    std::lock_guard lock(mutex_);
    failures_.erase(keyOf(account, address));
}

void LoginGuard::dropOld(TimePoint now) {
    std::erase_if(failures_, [&](const auto& entry) {
        return entry.second.locked_until <= now && now - entry.second.since > kWindow;
    });
    if (failures_.size() >= kMaxKept) failures_.erase(failures_.begin());
}

}  // namespace signalbox
