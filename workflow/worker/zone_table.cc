#include "workflow/worker/zone_table.h"

#include <algorithm>
#include <cstring>

namespace signalbox::worker {

ZoneTable::ZoneTable(const void* block, std::size_t size) {
    ZoneTableHead head;
    if (block == nullptr || size < sizeof head) return;
    std::memcpy(&head, block, sizeof head);
    const std::size_t wanted =
        sizeof head + head.zones * sizeof(ZoneEntry) + head.changes * sizeof(ZoneChange);
    if (size < wanted) return;
    const auto* const bytes = static_cast<const char*>(block) + sizeof head;
    zones_ = reinterpret_cast<const ZoneEntry*>(bytes);
    changes_ = reinterpret_cast<const ZoneChange*>(bytes + head.zones * sizeof(ZoneEntry));
    count_ = head.zones;
}

const ZoneEntry* ZoneTable::find(std::string_view name) const {
    const auto* const end = zones_ + count_;
    const auto* const at = std::lower_bound(
        zones_, end, name, [](const ZoneEntry& zone, std::string_view wanted) { return zone.name < wanted; });
    return at != end && at->name == name ? at : nullptr;
}

const ZoneChange& ZoneTable::at(const ZoneEntry& zone, std::int64_t time) const {
    const auto* const begin = changes_ + zone.first;
    const auto* const end = begin + zone.count;
    const auto* const next = std::upper_bound(
        begin, end, time, [](std::int64_t wanted, const ZoneChange& change) { return wanted < change.at; });
    return next == begin ? *begin : *(next - 1);
}

std::int64_t ZoneTable::toUtc(const ZoneEntry& zone, std::int64_t local) const {
    constexpr std::int64_t kDay = 86400;  // no zone is further from UTC
    const auto before = at(zone, local - kDay).offset, after = at(zone, local + kDay).offset;
    const std::int64_t early = local - std::max(before, after), late = local - std::min(before, after);
    if (at(zone, early).offset == local - early) return early;
    if (at(zone, late).offset == local - late) return late;
    // In a gap: its end is the change between the two.
    const auto* const begin = changes_ + zone.first;
    const auto* const next =
        std::upper_bound(begin, begin + zone.count, late,
                         [](std::int64_t wanted, const ZoneChange& change) { return wanted < change.at; });
    return next == begin ? late : std::max((next - 1)->at, early);
}

ZoneTable& zoneTable() {
    static ZoneTable table;
    return table;
}

}  // namespace signalbox::worker
