#include "base/ids.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::int64_t kEpochMs = 1577836800000;                  // 2020-01-01T00:00:00Z
constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's base 32
constexpr std::size_t kDigits = 13;

}  // namespace

Ids::Ids(const Clock& clock, unsigned node) : clock_(clock), node_(node & 1023U) {}

void Ids::setNode(unsigned node) {
    node_ = node & 1023U;
}

Id Ids::next() {
    const std::int64_t ms = toMicros(clock_.now()) / 1000 - kEpochMs;
    const std::uint64_t earliest = static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0)) << 12;
    std::uint64_t last = last_.load(std::memory_order_relaxed);
    std::uint64_t mine = 0;
    do {
        mine = std::max(last + 1, earliest);
    } while (!last_.compare_exchange_weak(last, mine, std::memory_order_relaxed));
    return static_cast<Id>((mine >> 12) << 22 | node_ << 12 | (mine & 0xfff));
}

Id firstIdAt(TimePoint time) {
    const std::int64_t ms = toMicros(time) / 1000 - kEpochMs;
    // 41 bits of milliseconds: up to the year 2089.
    return std::clamp<std::int64_t>(ms, 0, (std::int64_t{1} << 41) - 1) << 22;
}

TimePoint idTime(Id id) {
    return fromMicros(((id >> 22) + kEpochMs) * 1000);
}

std::string idText(std::string_view prefix, Id id) {
    std::string text(prefix);
    text += '_';
    auto bits = static_cast<std::uint64_t>(id);
    char out[kDigits];
    for (std::size_t i = kDigits; i-- > 0; bits >>= 5) out[i] = kAlphabet[bits & 31];
    return text.append(out, kDigits);
}

std::optional<Id> parseId(std::string_view prefix, std::string_view text) {
    if (text.size() != prefix.size() + 1 + kDigits) return std::nullopt;
    if (!text.starts_with(prefix) || text[prefix.size()] != '_') return std::nullopt;
    std::uint64_t bits = 0;
    for (const char c : text.substr(prefix.size() + 1)) {
        const auto* at = std::find(kAlphabet, kAlphabet + 32, c);
        if (at == kAlphabet + 32 || bits >> 59 != 0) return std::nullopt;
        bits = bits << 5 | static_cast<std::uint64_t>(at - kAlphabet);
    }
    const auto id = static_cast<Id>(bits);
    return id < 0 ? std::nullopt : std::optional(id);
}

}  // namespace signalbox
