// The copy of a sent mail for its folder of sent mail: a row of its own, made in the commit that says «sent»,
// tried until it is there. It holds up nothing, and repeats no sending.
#pragma once

#include <optional>
#include <string>

#include "hub/outbox/outbox_row.h"
#include "hub/store/store.h"

namespace signalbox {

// The request of the row, not inside Writes. Empty: no copy is wanted.
std::string copyRequest(const Lease& lease, const Receipt& receipt);

// Copies that keep failing, for people.
struct CopyTrouble {
    std::int64_t waiting = 0;
    TimePoint since{};
    std::string error;
};
std::optional<CopyTrouble> readCopyTrouble(Reader& reader, Id account);

}  // namespace signalbox
