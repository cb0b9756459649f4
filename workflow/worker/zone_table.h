// Time zones for scripts, as a block of memory that the daemon fills once and every worker maps to read: a
// worker cannot open files. Both ends come from one build, so numbers go as they lie in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signalbox::worker {

// The block: the head, `zones` zones in the order of their names, `changes` changes.
struct ZoneTableHead {
    std::uint32_t zones = 0, changes = 0;
};
struct ZoneEntry {
    char name[40] = {};
    std::uint32_t first = 0, count = 0;  // of its changes, in order; the first one holds before itself, too
};
struct ZoneChange {
    std::int64_t at = 0;      // seconds since 1970
    std::int32_t offset = 0;  // seconds east of UTC
    char abbreviation[8] = {};
};

// What clocks of a zone show is known from here to there; before and behind, the nearest is taken.
inline constexpr int kFirstZoneYear = 1995, kLastZoneYear = 2045;

class ZoneTable {
public:
    ZoneTable() = default;
    // Empty when the block is none.
    ZoneTable(const void* block, std::size_t size);

    // Null when there is none of that name.
    const ZoneEntry* find(std::string_view name) const;
    const ZoneChange& at(const ZoneEntry& zone, std::int64_t time) const;
    // The moment at which clocks show it: the first of two, the end of a gap.
    std::int64_t toUtc(const ZoneEntry& zone, std::int64_t local) const;

private:
    const ZoneEntry* zones_ = nullptr;
    const ZoneChange* changes_ = nullptr;
    std::uint32_t count_ = 0;
};

// The one of this process; set before the first script runs.
ZoneTable& zoneTable();

}  // namespace signalbox::worker
