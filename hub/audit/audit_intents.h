// That something is being changed, noted in the commit of the change itself, until its row of the audit log
// is written (in whose commit the note goes). What a crash leaves behind becomes a row with status 0
// afterwards, so no change is ever without one. The only writer of the table audit_intents.
#pragma once

#include <chrono>

#include "hub/audit/audit.h"

namespace signalbox {

// Inside Writes. `row.intent` is the note's number.
void noteIntent(Tx& tx, const AuditRow& row, TimePoint now);
// False: it is gone already; another node made the row of it.
bool endIntent(Tx& tx, std::int64_t intent);

// Makes rows of what is older than `age`: longer than any call takes. How many. Throws StoreError.
std::size_t recoverIntents(Store& store, Audit& audit, TimePoint now, std::chrono::minutes age);

}  // namespace signalbox
