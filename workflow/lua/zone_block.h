// The system's time zones in one block of shared memory for the workers (workflow/worker/zone_table.h). Made
// once for each process; any thread.
#pragma once

#include <string>

namespace signalbox::workflow {

// A descriptor of the sealed block, for as long as the process lives; -1 when it cannot be made (scripts then
// know UTC only).
int zoneBlock();
// Its bytes.
std::string makeZoneBlock();

}  // namespace signalbox::workflow
