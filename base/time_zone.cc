#include "base/time_zone.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>

namespace signalbox {
namespace {

using namespace std::chrono;

constexpr std::size_t kHeaderBytes = 44, kMaxFileBytes = 256 * 1024;

bool isZoneName(std::string_view name) {
    if (name.empty() || name.size() > 64 || name.front() == '/' || name.find("..") != std::string_view::npos)
        return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '+' || c == '/';
    });
}

std::optional<std::string> readZoneFile(std::string_view name) {
    const char* set = std::getenv("TZDIR");
    const auto path = std::filesystem::path(set != nullptr ? set : "/usr/share/zoneinfo") / name;
    std::error_code fault;
    if (!std::filesystem::is_regular_file(path, fault) ||
        std::filesystem::file_size(path, fault) > kMaxFileBytes)
        return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (!file || !bytes.starts_with("TZif")) return std::nullopt;
    return bytes;
}

// Big-endian numbers at a place that was checked before.
std::int64_t numberAt(std::string_view bytes, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    if (width == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
    return static_cast<std::int64_t>(value);
}

struct Counts {
    std::size_t utc, standard, leaps, times, types, letters;
    std::size_t bytes(std::size_t width) const {
        return times * (width + 1) + types * 6 + letters + leaps * (width + 4) + standard + utc;
    }
};

std::optional<Counts> countsIn(std::string_view block) {
    if (block.size() < kHeaderBytes || !block.starts_with("TZif")) return std::nullopt;
    const auto count = [&](int i) {
        return static_cast<std::size_t>(numberAt(block, 20 + static_cast<std::size_t>(i) * 4, 4) & 0xffffff);
    };
    return Counts{count(0), count(1), count(2), count(3), count(4), count(5)};
}

struct Block {
    OffsetChange first;
    std::vector<OffsetChange> changes;
};

// The block with 64-bit times: `bytes` begins behind its header and holds it whole.
std::optional<Block> readBlock(std::string_view bytes, const Counts& counts) {
    const std::size_t types_at = counts.times * 9, letters_at = types_at + counts.types * 6;
    const auto typeOf = [&](std::size_t type) -> std::optional<OffsetChange> {
        const std::size_t at = types_at + type * 6;
        const auto name = static_cast<std::size_t>(static_cast<unsigned char>(bytes[at + 5]));
        if (type >= counts.types || name >= counts.letters) return std::nullopt;
        const auto letters = bytes.substr(letters_at + name, counts.letters - name);
        return OffsetChange{
            {}, seconds{numberAt(bytes, at, 4)}, std::string(letters.substr(0, letters.find('\0')))};
    };
    Block out;
    const auto first = counts.types > 0 ? typeOf(0) : std::nullopt;
    if (!first) return std::nullopt;
    out.first = *first;
    for (std::size_t i = 0; i < counts.times; ++i) {
        const auto type = static_cast<std::size_t>(static_cast<unsigned char>(bytes[counts.times * 8 + i]));
        if (type >= counts.types) return std::nullopt;
        auto change = typeOf(type);
        if (!change) return std::nullopt;
        change->at = sys_seconds{seconds{numberAt(bytes, i * 8, 8)}};
        if (!out.changes.empty() && change->at <= out.changes.back().at) return std::nullopt;
        out.changes.push_back(std::move(*change));
    }
    return out;
}

year yearOf(sys_seconds time) {
    return year_month_day{floor<days>(time)}.year();
}

}  // namespace

Result<TimeZone> TimeZone::parse(std::string name, std::string_view bytes) {
    const Error broken{ErrorKind::Invalid,
                       "time zone " + name + ": its file is no TZif of version 2 or later"};
    const auto old = countsIn(bytes);
    if (!old || bytes[4] < '2' || bytes.size() < kHeaderBytes + old->bytes(4)) return broken;
    bytes.remove_prefix(kHeaderBytes + old->bytes(4));
    const auto counts = countsIn(bytes);
    if (!counts || bytes.size() < kHeaderBytes + counts->bytes(8)) return broken;
    auto block = readBlock(bytes.substr(kHeaderBytes), *counts);
    if (!block) return broken;
    TimeZone zone;
    zone.name_ = std::move(name);
    zone.first_ = std::move(block->first);
    zone.changes_ = std::move(block->changes);
    const auto footer = bytes.substr(kHeaderBytes + counts->bytes(8));
    const auto end = footer.find('\n', 1);
    if (end == std::string_view::npos || footer.front() != '\n') return broken;
    if (end > 1) {
        zone.rule_ = PosixTz::parse(footer.substr(1, end - 1));
        if (!zone.rule_) return broken;
    }
    return zone;
}

const TimeZone& TimeZone::utc() {
    static const TimeZone zone = [] {
        TimeZone out;
        out.name_ = "UTC";
        out.first_.abbreviation = "UTC";
        return out;
    }();
    return zone;
}

Result<const TimeZone*> TimeZone::find(std::string_view name) {
    static std::mutex mutex;
    static std::map<std::string, std::unique_ptr<const TimeZone>, std::less<>> zones;
    if (name == "UTC" || name == "Etc/UTC" || name == "Z") return &utc();
    const std::string shown(name.substr(0, 64));
    if (!isZoneName(name))
        return Error{ErrorKind::NotFound,
                     "time zone " + shown + ": no IANA name; write one such as Europe/Berlin"};
    std::lock_guard lock(mutex);
    if (const auto known = zones.find(name); known != zones.end()) return known->second.get();
    const auto bytes = readZoneFile(name);
    if (!bytes)
        return Error{ErrorKind::NotFound, "time zone " + shown +
                                              ": not known here; write an IANA name such as Europe/Berlin"
                                              " (and have the package tzdata installed)"};
    auto zone = parse(shown, *bytes);
    if (!zone) return zone.error();
    return zones.emplace(name, std::make_unique<const TimeZone>(std::move(*zone))).first->second.get();
}

OffsetChange TimeZone::periodAt(sys_seconds time) const {
    const auto next = std::upper_bound(changes_.begin(), changes_.end(), time,
                                       [](sys_seconds at, const OffsetChange& each) { return at < each.at; });
    if (next != changes_.end() || !rule_) return next == changes_.begin() ? first_ : *std::prev(next);
    if (rule_->isFixed()) return {{}, rule_->standardOffset(), rule_->standardName()};
    // A change of this year or the last one of the year before; local years may begin a day away.
    OffsetChange current = changes_.empty() ? first_ : changes_.back();
    const year in = yearOf(time);
    for (year each = in - years{1}; each <= in + years{1}; ++each)
        for (auto& change : rule_->changesIn(each))
            if (change.at <= time) current = std::move(change);
    return current;
}

seconds TimeZone::offsetAt(sys_seconds time) const {
    return periodAt(time).offset;
}

std::string TimeZone::abbreviationAt(sys_seconds time) const {
    return periodAt(time).abbreviation;
}

std::optional<sys_seconds> TimeZone::nextChange(sys_seconds time) const {
    const seconds now = offsetAt(time);
    const auto behind = [](sys_seconds at, const OffsetChange& each) { return at < each.at; };
    for (auto it = std::upper_bound(changes_.begin(), changes_.end(), time, behind); it != changes_.end();
         ++it)
        if (it->offset != now) return it->at;
    if (!rule_ || rule_->isFixed()) return std::nullopt;
    const sys_seconds from = changes_.empty() ? time : std::max(time, changes_.back().at);
    const year in = yearOf(from);
    for (year each = in - years{1}; each <= in + years{2}; ++each)
        for (const auto& change : rule_->changesIn(each))
            if (change.at > from && change.offset != now) return change.at;
    return std::nullopt;
}

sys_seconds TimeZone::toUtc(local_seconds local) const {
    // Offsets lie within a day, so the periods that can show this time begin and end near it.
    const sys_seconds as_utc{local.time_since_epoch()};
    sys_seconds begin = as_utc - hours{26};
    while (true) {
        const auto end = nextChange(begin);
        const sys_seconds at = as_utc - offsetAt(begin);
        if (!end || at < *end) return std::max(at, begin);
        begin = *end;
    }
}

bool TimeZone::isInGap(local_seconds local) const {
    return toLocal(toUtc(local)) != local;
}

std::string toRfc3339(sys_seconds time, const TimeZone& zone) {
    const auto offset = zone.offsetAt(time);
    const auto local = time + offset;
    const auto day = floor<days>(local);
    const year_month_day date{day};
    const hh_mm_ss clock{local - day};
    const auto apart = duration_cast<minutes>(abs(offset));
    char out[48];
    std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d%c%02d:%02d", int{date.year()},
                  unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                  offset < seconds{0} ? '-' : '+', static_cast<int>(apart.count() / 60),
                  static_cast<int>(apart.count() % 60));
    return out;
}

}  // namespace signalbox
