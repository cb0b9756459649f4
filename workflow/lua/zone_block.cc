#include "workflow/lua/zone_block.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "base/log.h"
#include "base/time_zone.h"
#include "workflow/worker/zone_table.h"

namespace signalbox::workflow {
namespace {

using namespace std::chrono;
using worker::ZoneChange;
using worker::ZoneEntry;
using worker::ZoneTableHead;

constexpr std::size_t kMostChanges = 400;  // of one zone

std::filesystem::path zoneFolder() {
    const char* const chosen = std::getenv("TZDIR");
    return chosen != nullptr && *chosen != '\0' ? chosen : "/usr/share/zoneinfo";
}

// Names as they are found there, without the copies in other shapes.
std::map<std::string, std::string> zoneFiles() {
    std::map<std::string, std::string> out;
    std::error_code ignored;
    const auto root = zoneFolder();
    for (auto at = std::filesystem::recursive_directory_iterator(root, ignored);
         at != std::filesystem::recursive_directory_iterator(); at.increment(ignored)) {
        const std::string name = at->path().lexically_relative(root).string();
        if (name == "posix" || name == "right") at.disable_recursion_pending();
        if (!at->is_regular_file(ignored) || name.size() >= sizeof(ZoneEntry::name)) continue;
        std::ifstream file(at->path(), std::ios::binary);
        std::ostringstream bytes;
        bytes << file.rdbuf();
        if (bytes.view().starts_with("TZif")) out.emplace(name, bytes.str());
    }
    return out;
}

ZoneChange changeAt(const TimeZone& zone, sys_seconds time) {
    ZoneChange out;
    out.at = time.time_since_epoch().count();
    out.offset = static_cast<std::int32_t>(zone.offsetAt(time).count());
    std::strncpy(out.abbreviation, zone.abbreviationAt(time).c_str(), sizeof out.abbreviation - 1);
    return out;
}

void appendChanges(const TimeZone& zone, std::vector<ZoneChange>& out) {
    const sys_seconds first = sys_days{year{worker::kFirstZoneYear} / January / 1};
    const sys_seconds last = sys_days{year{worker::kLastZoneYear + 1} / January / 1};
    out.push_back(changeAt(zone, first));
    auto next = zone.nextChange(first);
    for (std::size_t i = 1; next && *next < last && i < kMostChanges; ++i) {
        out.push_back(changeAt(zone, *next));
        next = zone.nextChange(*next);
    }
}

}  // namespace

std::string makeZoneBlock() {
    std::vector<ZoneEntry> zones;
    std::vector<ZoneChange> changes;
    std::map<std::string, ZoneEntry> known;  // by the file's content: most names are second names
    for (const auto& [name, bytes] : zoneFiles()) {
        auto at = known.find(bytes);
        if (at == known.end()) {
            const auto zone = TimeZone::parse(name, bytes);
            if (!zone) continue;
            ZoneEntry entry;
            entry.first = static_cast<std::uint32_t>(changes.size());
            appendChanges(*zone, changes);
            entry.count = static_cast<std::uint32_t>(changes.size()) - entry.first;
            at = known.emplace(bytes, entry).first;
        }
        zones.push_back(at->second);
        std::memcpy(zones.back().name, name.c_str(), name.size() + 1);
    }
    const ZoneTableHead head{static_cast<std::uint32_t>(zones.size()),
                             static_cast<std::uint32_t>(changes.size())};
    std::string out(reinterpret_cast<const char*>(&head), sizeof head);
    out.append(reinterpret_cast<const char*>(zones.data()), zones.size() * sizeof(ZoneEntry));
    out.append(reinterpret_cast<const char*>(changes.data()), changes.size() * sizeof(ZoneChange));
    return out;
}

int zoneBlock() {
    static const int block = [] {
        const std::string bytes = makeZoneBlock();
        const int fd = memfd_create("signalbox-zones", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        const bool is_written =
            fd >= 0 && write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
            fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
        if (is_written) return fd;
        log::warn("script_zones_missing", {{"error", std::strerror(errno)}});
        if (fd >= 0) close(fd);
        return -1;
    }();
    return block;
}

}  // namespace signalbox::workflow
